// The pages that mails lead to: the secret stands in the fragment, which no server sees, and is sent when the person says so. Looking at the
// page, as scanners of mail do, uses nothing up.

const form = document.querySelector("form");
const done = document.querySelector(".done");
const problem = document.querySelector(".problem");
const password = document.getElementById("password");
const show = document.getElementById("show");

const token = new URLSearchParams(location.hash.slice(1)).get("token");
// Neither the history nor whoever looks at the screen needs it.
history.replaceState(null, "", location.pathname);

function say(text) {
  problem.textContent = text;
  problem.hidden = text === "";
}

if (!token) {
  form.hidden = true;
  say("The link is not complete. Open it from the mail as a whole.");
}

show?.addEventListener("change", () => { password.type = show.checked ? "text" : "password"; });

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  say("");
  try {
    const body = password ? { token, password: password.value } : { token };
    const answer = await fetch(document.body.dataset.action, {
      method: "POST", credentials: "omit", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    if (answer.ok) {
      form.hidden = true;
      done.hidden = false;
      return;
    }
    const told = await answer.json().catch(() => null);
    const wrong = told?.errors?.find((error) => error.pointer === "/password");
    say(wrong ? `The password ${wrong.detail}.` : told?.detail ?? "That did not work. Try again later.");
  } catch {
    say("The server cannot be reached. Try again later.");
  }
  button.disabled = false;
});
