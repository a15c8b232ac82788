// The page of /docs: reads the OpenAPI document beside it, shows every operation and sends requests.
//
// Everything that comes from the document or from an answer becomes a text node. Nothing here writes HTML, so that a hostile
// description or record is shown as it stands.

/** Text of an answer beyond this many characters is not shown: the page has to stay usable. */
const LONGEST_SHOWN = 512 * 1024;
/** JSON beyond this many characters is indented but not coloured. */
const LONGEST_COLOURED = 64 * 1024;
/** How long an answer may take, in milliseconds. */
const ANSWER_TIMEOUT = 60_000;
/** How deep a sample of a schema goes: schemas may refer to themselves. */
const DEEPEST_SAMPLE = 6;
const METHODS = ["get", "head", "post", "put", "patch", "delete", "options", "trace"];

// ---------------------------------------------------------------------------------------------------------------- Elements

let lastId = 0;
const freshId = (kind) => `${kind}-${++lastId}`;

/**
 * Makes an element. Strings among the children become text nodes; null and false are left out.
 * Attributes whose value is null or false are left out, `true` stands for the empty value, functions listen to the event `on…`.
 */
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A `details` whose content is made when it is opened first. */
function lazyDetails(attributes, summary, content) {
  const details = element("details", attributes, element("summary", {}, summary));
  let isFilled = false;
  details.fill = () => {
    if (isFilled) return;
    isFilled = true;
    details.append(content());
  };
  if (details.open) details.fill();
  details.addEventListener("toggle", () => details.open && details.fill());
  return details;
}

const byId = (id) => document.getElementById(id);

// ---------------------------------------------------------------------------------------------------------------- Document

/** An OpenAPI 3.1 document, with references resolved on the way. */
class ApiDocument {
  constructor(json, url) {
    this.json = json;
    this.url = url;
  }

  static async load(address) {
    const url = new URL(address, document.baseURI);
    const response = await fetch(url, { headers: { Accept: "application/json" }, cache: "no-cache" });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return new ApiDocument(await response.json(), url);
  }

  /** What a value means: the target of its `$ref`, with the members beside the `$ref` laid over it. */
  resolve(value) {
    let resolved = value;
    for (let steps = 0; steps < 16 && typeof resolved?.$ref === "string"; steps++) {
      const { $ref, ...beside } = resolved;
      const target = this.target($ref);
      if (typeof target !== "object" || target === null) return { description: `${$ref} is not in the document` };
      resolved = { ...target, ...beside };
    }
    return resolved ?? {};
  }

  /** The value at a local reference such as `#/components/schemas/Order` (RFC 6901). */
  target(reference) {
    if (!reference.startsWith("#/")) return undefined;
    let value = this.json;
    for (const token of reference.slice(2).split("/")) {
      const name = decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~");
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
      value = value[name];
    }
    return value;
  }

  /** Every operation, in the order of the document. */
  get operations() {
    return Object.entries(this.json.paths ?? {}).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => {
        const operation = item[method];
        return {
          method, path, operation,
          id: operation.operationId ?? `${method} ${path}`,
          tag: operation.tags?.[0] ?? "other",
          parameters: this.parameters(item, operation),
        };
      }));
  }

  /** The parameters of the path and of the operation; the operation's win. */
  parameters(item, operation) {
    const all = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((parameter) => this.resolve(parameter));
    return [...new Map(all.map((parameter) => [`${parameter.in} ${parameter.name}`, parameter])).values()];
  }

  /** The operations by tag: tags in the order in which the document lists them, then any others. */
  get groups() {
    const tags = new Map((this.json.tags ?? []).map((tag) => [tag.name, { ...tag, operations: [] }]));
    for (const operation of this.operations) {
      if (!tags.has(operation.tag)) tags.set(operation.tag, { name: operation.tag, operations: [] });
      tags.get(operation.tag).operations.push(operation);
    }
    return [...tags.values()].filter((group) => group.operations.length > 0);
  }

  /** The address that paths stand behind, without a slash at its end. */
  get base() {
    return new URL(this.json.servers?.[0]?.url ?? "/", this.url).href.replace(/\/$/, "");
  }
}

// ---------------------------------------------------------------------------------------------------------------- Schemas

/** Shows JSON Schemas as trees that open level by level. */
class SchemaView {
  constructor(api) {
    this.api = api;
  }

  tree(schema) {
    const resolved = this.api.resolve(schema);
    return element("div", { class: "schema" }, this.node(schema, { isOpen: this.parts(resolved).length <= 40 }));
  }

  /** One line about a schema, and what is within it. */
  node(schema, { name = null, isRequired = false, isOpen = false } = {}) {
    const resolved = this.api.resolve(schema);
    const line = element("span", { class: "line" },
      name !== null && element("span", { class: "name" }, name),
      element("span", { class: "type" }, this.typeText(schema)),
      isRequired && element("span", { class: "required" }, "required"),
      this.bounds(resolved),
      resolved.description && element("span", { class: "says prose" }, resolved.description));
    if (this.parts(resolved).length === 0) return line;
    return lazyDetails({ open: isOpen }, line, () =>
      element("ul", {}, this.parts(resolved).map((part) => element("li", {}, this.node(part.schema, part)))));
  }

  /** The schemas within a schema: members, elements, alternatives. */
  parts(schema) {
    const required = new Set(schema.required ?? []);
    const parts = Object.entries(schema.properties ?? {}).map(([name, property]) =>
      ({ schema: property, name, isRequired: required.has(name) }));
    if (schema.items) {
      const items = this.api.resolve(schema.items);
      // An array of objects shows the members at once; of plain values the line says all.
      if (this.parts(items).length > 0) parts.push({ schema: schema.items, name: "each", isOpen: true });
    }
    if (typeof schema.additionalProperties === "object") parts.push({ schema: schema.additionalProperties, name: "any other member" });
    for (const [key, word] of [["anyOf", "or"], ["oneOf", "either"], ["allOf", "and"]]) {
      for (const option of schema[key] ?? []) parts.push({ schema: option, name: word });
    }
    return parts;
  }

  typeText(schema) {
    const resolved = this.api.resolve(schema);
    const reference = typeof schema?.$ref === "string" ? decodeURIComponent(schema.$ref.split("/").at(-1)) : null;
    if (reference !== null) return reference;
    const types = [resolved.type ?? []].flat().map((type) =>
      type === "array" && resolved.items ? `array of ${this.typeText(resolved.items)}` : type);
    if (types.length > 0) return types.join(" or ") + (resolved.format ? ` (${resolved.format})` : "");
    for (const [key, word] of [["anyOf", " or "], ["oneOf", " or "], ["allOf", " and "]]) {
      if (resolved[key]) return resolved[key].map((option) => this.typeText(option)).join(word);
    }
    return resolved.enum || resolved.const !== undefined ? "one of" : resolved.properties ? "object" : "any";
  }

  /** What narrows a value, a mark each. */
  bounds(schema) {
    const marks = [];
    // That an integer is one that JSON can hold goes without saying.
    const say = (key, text) => schema[key] !== undefined && Math.abs(schema[key]) !== Number.MAX_SAFE_INTEGER && marks.push(text(schema[key]));
    const json = JSON.stringify;
    say("enum", (values) => values.map((value) => json(value)).join(" | "));
    say("const", (value) => `always ${json(value)}`);
    say("default", (value) => `default ${json(value)}`);
    say("minimum", (value) => `≥ ${value}`);
    say("exclusiveMinimum", (value) => `> ${value}`);
    say("maximum", (value) => `≤ ${value}`);
    say("exclusiveMaximum", (value) => `< ${value}`);
    say("multipleOf", (value) => `multiple of ${value}`);
    say("minLength", (value) => `≥ ${value} characters`);
    say("maxLength", (value) => `≤ ${value} characters`);
    say("minItems", (value) => `≥ ${value} elements`);
    say("maxItems", (value) => `≤ ${value} elements`);
    say("pattern", (value) => `matches ${value}`);
    say("contentEncoding", (value) => value);
    if (schema.uniqueItems) marks.push("no element twice");
    if (schema.readOnly) marks.push("read-only");
    if (schema.writeOnly) marks.push("write-only");
    if (schema.deprecated) marks.push("deprecated");
    if (schema.additionalProperties === false) marks.push("no other members");
    return marks.map((mark) => element("span", { class: "bound" }, mark));
  }
}

/** Makes values that a schema probably accepts, to begin with. */
class Sampler {
  constructor(api) {
    this.api = api;
  }

  /** The body to begin with: the document's example, else a sample of the schema. */
  body(media, type) {
    const example = media.example ?? Object.values(media.examples ?? {}).map((one) => this.api.resolve(one).value)[0];
    if (example !== undefined) return example;
    const sample = this.value(media.schema);
    // In a merge patch (RFC 7396) every member changes something, and null removes: begin with one change only.
    if (type.includes("merge-patch") && sample && typeof sample === "object" && !Array.isArray(sample)) return this.oneChange(media.schema);
    return sample;
  }

  oneChange(schema) {
    const properties = Object.entries(this.api.resolve(schema).properties ?? {});
    return Object.fromEntries(properties.slice(0, 1).map(([name, property]) => [name, this.value(property, 1, true)]));
  }

  /** @param isWanted whether a value that may be null is to be something else. */
  value(schema, depth = 0, isWanted = depth === 0) {
    const resolved = this.api.resolve(schema);
    const given = resolved.example ?? resolved.examples?.[0] ?? resolved.default ?? resolved.const;
    if (given !== undefined) return given;
    const types = [resolved.type ?? []].flat();
    if (!isWanted && (types.includes("null") || resolved.enum?.includes(null))) return null;
    if (resolved.enum) return resolved.enum[0];
    const option = (resolved.anyOf ?? resolved.oneOf)?.find((one) => this.api.resolve(one).type !== "null");
    if (option) return depth < DEEPEST_SAMPLE ? this.value(option, depth + 1, isWanted) : null;
    if (resolved.allOf && depth < DEEPEST_SAMPLE) return Object.assign({}, ...resolved.allOf.map((one) => this.value(one, depth + 1, true)));
    if (types.includes("object") || resolved.properties) return this.object(resolved, depth);
    if (types.includes("array")) return depth < DEEPEST_SAMPLE && resolved.minItems > 0 ? [this.value(resolved.items ?? {}, depth + 1, true)] : [];
    if (types.includes("string")) return this.text(resolved, types);
    if (types.includes("integer") || types.includes("number")) return Math.min(Math.max(0, resolved.minimum ?? 0), resolved.maximum ?? Infinity);
    if (types.includes("boolean")) return false;
    return null;
  }

  object(schema, depth) {
    if (depth >= DEEPEST_SAMPLE) return {};
    const required = new Set(schema.required ?? []);
    return Object.fromEntries(Object.entries(schema.properties ?? {})
      .filter(([, property]) => !this.api.resolve(property).readOnly)
      .map(([name, property]) => [name, this.value(property, depth + 1, required.has(name))]));
  }

  text(schema, types) {
    // Numbers that are too long for JSON's are sent as text: decimals and 64-bit integers.
    if (types.includes("number") || types.includes("integer")) return "0";
    const byFormat = {
      date: "2024-01-31", "date-time": "2024-01-31T12:00:00Z", uuid: "01890a5d-ac96-774b-bcce-b302099a8057",
      email: "someone@example.com", uri: "https://example.com/",
    };
    if (byFormat[schema.format]) return byFormat[schema.format];
    if (schema.contentEncoding === "base64") return "";
    return "text".padEnd(schema.minLength ?? 0, "x").slice(0, schema.maxLength ?? undefined);
  }
}

// ---------------------------------------------------------------------------------------------------------------- JSON

/**
 * JSON text with line breaks and indents. Works on the text itself: parsing it would change numbers that JavaScript cannot hold.
 * Returns the tokens as `[kind, text]`, or null when it is not JSON.
 */
function formatJSON(text) {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const tokens = [];
  let level = 0;
  const lineBreak = () => tokens.push(["", "\n" + "  ".repeat(level)]);
  const parts = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  parts.forEach((part, index) => {
    const next = parts[index + 1];
    if (part === "{" || part === "[") {
      tokens.push(["", part]);
      if (next === "}" || next === "]") return;
      level++;
      lineBreak();
    } else if (part === "}" || part === "]") {
      if (parts[index - 1] !== "{" && parts[index - 1] !== "[") {
        level--;
        lineBreak();
      }
      tokens.push(["", part]);
    } else if (part === ",") {
      tokens.push(["", part]);
      lineBreak();
    } else if (part === ":") {
      tokens.push(["", ": "]);
    } else if (part.startsWith('"')) {
      tokens.push([next === ":" ? "json-name" : "json-string", part]);
    } else {
      tokens.push([/^[-\d]/.test(part) ? "json-number" : "json-word", part]);
    }
  });
  return tokens;
}

/** A `pre` with the text of a body: JSON indented and coloured, anything else as it is. */
function bodyView(text) {
  const shown = text.slice(0, LONGEST_SHOWN);
  const tokens = shown.length === text.length ? formatJSON(text) : null;
  const content = tokens === null ? [shown]
    : text.length > LONGEST_COLOURED ? [tokens.map((token) => token[1]).join("")]
    : tokens.map(([kind, part]) => kind === "" ? part : element("span", { class: kind }, part));
  return [
    element("pre", { tabindex: "0", "aria-label": "Body of the response", class: tokens === null ? "wrap" : null }, content),
    shown.length < text.length && element("p", { class: "hint" }, `The first ${LONGEST_SHOWN} of ${text.length} characters.`),
  ];
}

// ---------------------------------------------------------------------------------------------------------------- Requests

/** One segment of a path. Commas part a composite key and stay; what is percent-encoded already stays, too. */
function encodeSegment(text) {
  return encodeURIComponent(text).replaceAll("%2C", ",").replace(/%25([0-9A-Fa-f]{2})/g, "%$1");
}

/** A text as one word of a POSIX shell. */
const shellWord = (text) => /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The request as a line for a terminal. A token is named, not shown: such lines are copied into notes and tickets. */
function curlLine(request) {
  const words = ["curl"];
  if (/[[\]{}]/.test(request.url)) words.push("-g");
  if (request.method === "HEAD") words.push("-I");
  else if (request.method !== "GET") words.push("-X", request.method);
  words.push(shellWord(request.url));
  for (const [name, value] of request.headers) words.push("-H", shellWord(`${name}: ${value}`));
  if (request.token !== "") words.push("-H", '"Authorization: Bearer $TOKEN"');
  if (request.body !== null) words.push("--data-raw", shellWord(request.body));
  return words.join(" ");
}

/** `Name: value` lines as pairs. Throws with the line that is none. */
function headerLines(text) {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "").map((line) => {
    const colon = line.indexOf(":");
    if (colon < 1) throw new Error(`“${line}” is not a header; write Name: value`);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
}

/** Sends a request and reads the whole answer. */
async function send(request) {
  const headers = new Headers(request.headers);
  if (request.token !== "") headers.set("Authorization", `Bearer ${request.token}`);
  const started = performance.now();
  const response = await fetch(request.url, {
    method: request.method, headers, body: request.body, cache: "no-store", signal: AbortSignal.timeout(ANSWER_TIMEOUT),
  });
  const text = await response.text();
  return { response, text, milliseconds: performance.now() - started };
}

/** The form that sends an operation's request, and what came back. */
class TryView {
  constructor(api, entry) {
    this.api = api;
    this.entry = entry;
    this.inputs = [];
    const content = Object.entries(this.api.resolve(entry.operation.requestBody).content ?? {});
    [this.mediaType, this.media] = content[0] ?? [null, null];
    this.outcome = element("div", { class: "outcome" });
    // For who does not see the outcome: its status, not the whole body.
    this.said = element("p", { class: "visually-hidden", role: "status" });
    this.problem = element("p", { class: "problem", role: "alert" });
  }

  /** @param describedBy finds the id of the row that describes a parameter. */
  render(describedBy) {
    const method = this.entry.method.toUpperCase();
    this.button = element("button", { type: "submit", class: "primary" }, `Send ${method}`);
    const fields = this.entry.parameters.filter((parameter) => parameter.in !== "cookie")
      .map((parameter) => this.parameterField(parameter, describedBy(parameter)));
    const form = element("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); this.submit(); } },
      fields.length > 0 && element("div", { class: "grid" }, fields),
      this.mediaType !== null && this.bodyField(),
      this.extras(),
      this.problem,
      element("div", { class: "actions" }, this.button));
    return element("div", { class: "try" }, form, this.said, this.outcome);
  }

  parameterField(parameter, describedBy) {
    const id = freshId("parameter");
    const schema = this.api.resolve(parameter.schema);
    const choices = schema.enum ?? (schema.type === "boolean" ? [true, false] : null);
    const attributes = {
      id, name: parameter.name, "aria-describedby": describedBy, "aria-required": parameter.required ? "true" : null,
    };
    const input = choices
      ? element("select", attributes, element("option", { value: "" }, "—"), choices.map((choice) => element("option", {}, String(choice))))
      : element("input", {
        ...attributes, type: "text", autocomplete: "off", spellcheck: "false", autocapitalize: "off",
        inputmode: ["integer", "number"].includes(schema.type) ? "numeric" : null,
        placeholder: schema.default !== undefined ? String(schema.default) : null,
        value: parameter.example !== undefined ? String(parameter.example) : null,
      });
    this.inputs.push({ parameter, input });
    return element("div", { class: "field" },
      element("label", { for: id }, parameter.name, " ", element("span", { class: "muted" }, parameter.in),
        parameter.required && element("span", { class: "required" }, " required")),
      input);
  }

  bodyField() {
    const id = freshId("body");
    this.body = element("textarea", { id, spellcheck: "false", autocapitalize: "off" });
    this.body.value = JSON.stringify(new Sampler(this.api).body(this.media, this.mediaType), null, 2) ?? "";
    this.body.rows = Math.min(24, Math.max(6, this.body.value.split("\n").length + 1));
    return element("div", { class: "field" },
      element("label", { for: id }, "Body ", element("span", { class: "muted" }, this.mediaType)), this.body);
  }

  /** What the document does not list one by one, such as `filter[Field][operator]`. */
  extras() {
    const [query, headers] = [freshId("query"), freshId("headers")];
    this.moreQuery = element("input", { id: query, type: "text", autocomplete: "off", spellcheck: "false", placeholder: "filter[Field][operator]=value" });
    this.moreHeaders = element("textarea", { id: headers, rows: "2", spellcheck: "false", placeholder: "Name: value" });
    return element("details", {}, element("summary", {}, "More of the query, more headers"),
      element("div", { class: "grid extras" },
        element("div", { class: "field" }, element("label", { for: query }, "More of the query"), this.moreQuery),
        element("div", { class: "field" }, element("label", { for: headers }, "More headers, a line each"), this.moreHeaders)));
  }

  /** The request as the form says it. Throws with what is missing. */
  request() {
    let path = this.entry.path;
    const query = [];
    const headers = [];
    for (const { parameter, input } of this.inputs) {
      const value = input.value;
      const isMissing = value === "" && (parameter.in === "path" || parameter.required);
      input.toggleAttribute("aria-invalid", false);
      if (isMissing) {
        input.setAttribute("aria-invalid", "true");
        input.focus();
        throw new Error(`${parameter.name} is required.`);
      }
      if (value === "") continue;
      if (parameter.in === "path") path = path.replaceAll(`{${parameter.name}}`, () => encodeSegment(value));
      else if (parameter.in === "query") query.push(`${encodeURIComponent(parameter.name)}=${encodeURIComponent(value)}`);
      else headers.push([parameter.name, value]);
    }
    const more = this.moreQuery.value.trim().replace(/^[?&]/, "");
    if (more !== "") query.push(more);
    const hasBody = this.mediaType !== null && this.body.value.trim() !== "";
    if (hasBody) headers.push(["Content-Type", this.mediaType]);
    headers.push(...headerLines(this.moreHeaders.value));
    const url = new URL(this.api.base + path + (query.length > 0 ? `?${query.join("&")}` : "")).href;
    return {
      method: this.entry.method.toUpperCase(), url, headers, body: hasBody ? this.body.value : null, token: byId("token").value.trim(),
    };
  }

  async submit() {
    this.problem.textContent = "";
    let request;
    try {
      request = this.request();
    } catch (error) {
      this.problem.textContent = error.message;
      return;
    }
    this.button.disabled = true;
    this.said.textContent = "Sending";
    this.outcome.setAttribute("aria-busy", "true");
    try {
      const answer = await send(request);
      this.show(request, this.answerView(answer));
      this.said.textContent = `Answered: ${answer.response.status} ${answer.response.statusText}`;
    } catch (error) {
      const reason = error.name === "TimeoutError" ? `No answer within ${ANSWER_TIMEOUT / 1000} s.` : `Nothing came back: ${error.message}`;
      this.show(request, [element("p", { class: "problem" }, reason)]);
      this.said.textContent = reason;
    }
    this.outcome.removeAttribute("aria-busy");
    this.button.disabled = false;
  }

  show(request, answer) {
    this.outcome.replaceChildren(
      element("div", { class: "head" }, element("h5", {}, "Request"), copyButton(curlLine(request))),
      element("pre", { class: "wrap curl", tabindex: "0", "aria-label": "The request as a curl line" }, curlLine(request)),
      ...answer.flat(Infinity).filter(Boolean));
  }

  answerView({ response, text, milliseconds }) {
    const headers = [...response.headers].sort();
    return [
      element("div", { class: "head" },
        element("h5", {}, "Response"),
        element("p", { class: "meta" },
          element("span", { class: `status ${response.ok ? "good" : "bad"}` }, `${response.status} ${response.statusText}`.trim()),
          element("span", { class: "muted" }, `${milliseconds.toFixed(0)} ms, ${new TextEncoder().encode(text).length} bytes`))),
      element("details", {}, element("summary", {}, `${headers.length} headers`),
        element("ul", { class: "rows headers" }, headers.map(([name, value]) =>
          element("li", {}, element("span", { class: "name" }, name), element("span", { class: "mono" }, value))))),
      text === "" ? element("p", { class: "muted" }, "No body.") : bodyView(text),
    ];
  }
}

function copyButton(text) {
  const button = element("button", { type: "button" }, "Copy curl");
  const said = element("span", { class: "hint", role: "status" });
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = "Copied.";
    } catch {
      // Without HTTPS a browser offers no clipboard but on localhost.
      const line = button.closest(".outcome").querySelector(".curl");
      getSelection().selectAllChildren(line);
      said.textContent = "Selected; copy it with the keyboard.";
    }
  });
  return element("span", { class: "actions" }, said, button);
}

// ---------------------------------------------------------------------------------------------------------------- Operations

/** One operation: a line that opens, and all there is to say of it once it is open. */
class OperationView {
  constructor(api, entry) {
    this.api = api;
    this.entry = entry;
    const { method, path, operation, id, tag } = entry;
    this.words = [method, path, id, tag, operation.summary, operation.description].join(" ").toLowerCase();
    const title = element("h3", {},
      element("span", { class: `method ${method}` }, method), element("span", { class: "path" }, path),
      element("span", { class: "says" }, operation.summary));
    this.node = lazyDetails({ class: operation.deprecated ? "operation deprecated" : "operation" }, title, () => this.content());
    this.node.addEventListener("toggle", () => {
      if (this.node.open) history.replaceState(null, "", `#${encodeURIComponent(id)}`);
    });
  }

  get summary() {
    return this.node.querySelector("summary");
  }

  open() {
    this.node.open = true;
    this.node.fill();
    this.node.scrollIntoView({ block: "start" });
    this.summary.focus({ preventScroll: true });
  }

  content() {
    const { operation, parameters, id } = this.entry;
    const rows = new Map(parameters.map((parameter) => [parameter, freshId("row")]));
    const body = this.api.resolve(operation.requestBody);
    return element("div", { class: "body" },
      element("section", {},
        operation.description && element("p", { class: "prose" }, operation.description),
        element("p", { class: "meta hint" },
          element("span", {}, "Operation ", element("a", { href: `#${encodeURIComponent(id)}` }, id)),
          operation.deprecated && element("span", { class: "required" }, "deprecated"))),
      parameters.length > 0 && this.section("Parameters", this.parameterRows(rows)),
      body.content && this.section(`Request body${body.required ? "" : ", optional"}`, this.mediaViews(body)),
      this.section("Try it", new TryView(this.api, this.entry).render((parameter) => rows.get(parameter))),
      this.section("Responses", this.responses()));
  }

  section(title, ...content) {
    return element("section", {}, element("h4", {}, title), content);
  }

  parameterRows(rows) {
    const schemas = new SchemaView(this.api);
    return element("ul", { class: "rows" }, [...rows].map(([parameter, id]) => {
      const schema = parameter.schema ?? Object.values(parameter.content ?? {})[0]?.schema ?? {};
      return element("li", { id },
        element("div", {},
          element("div", { class: "name" }, parameter.name),
          element("div", { class: "hint" }, parameter.in, parameter.required && element("span", { class: "required" }, " required"))),
        element("div", {},
          element("div", { class: "meta" }, element("span", { class: "type" }, schemas.typeText(schema)),
            schemas.bounds(this.api.resolve(schema)), parameter.deprecated && element("span", { class: "bound" }, "deprecated")),
          parameter.description && element("p", { class: "prose" }, parameter.description)));
    }));
  }

  /** Each media type with its schema and its example. */
  mediaViews(holder) {
    return [
      holder.description && element("p", { class: "prose" }, holder.description),
      Object.entries(holder.content ?? {}).map(([type, media]) => {
        const example = media.example ?? Object.values(media.examples ?? {}).map((one) => this.api.resolve(one).value)[0];
        return [
          element("p", { class: "hint mono" }, type),
          media.schema && new SchemaView(this.api).tree(media.schema),
          example !== undefined && element("details", {}, element("summary", {}, "Example"), bodyView(JSON.stringify(example))),
        ];
      }),
    ];
  }

  responses() {
    const entries = Object.entries(this.entry.operation.responses ?? {});
    return entries.map(([status, value], index) => {
      const response = this.api.resolve(value);
      const kind = status.startsWith("2") ? "good" : /^[45]/.test(status) ? "bad" : "";
      const line = element("span", {}, element("span", { class: `status ${kind}` }, status), " ", response.description);
      return lazyDetails({ class: "response", open: index === 0 }, line, () => element("div", {}, this.responseContent(response)));
    });
  }

  responseContent(response) {
    const headers = Object.entries(response.headers ?? {});
    const schemas = new SchemaView(this.api);
    const content = this.mediaViews({ content: response.content });
    if (headers.length === 0 && !response.content) return element("p", { class: "muted" }, "No body.");
    return [
      headers.length > 0 && element("ul", { class: "rows" }, headers.map(([name, value]) => {
        const header = this.api.resolve(value);
        return element("li", {},
          element("div", {}, element("div", { class: "name" }, name), element("div", { class: "hint" }, "header")),
          element("div", {}, element("span", { class: "type" }, schemas.typeText(header.schema ?? {})),
            header.description && element("p", { class: "prose" }, header.description)));
      })),
      content,
    ];
  }
}

// ---------------------------------------------------------------------------------------------------------------- Page

/** The whole page: groups, index, search, and links into it. */
class Page {
  constructor(api) {
    this.api = api;
    this.groups = api.groups.map((group) => {
      const views = group.operations.map((entry) => new OperationView(api, entry));
      const id = `tag/${group.name}`;
      const node = element("section", { class: "group" }, element("h2", { id, tabindex: "-1" }, group.name),
        group.description && element("p", { class: "prose" }, group.description), views.map((view) => view.node));
      const count = element("span", { class: "count" });
      const link = element("li", {}, element("a", { href: `#${encodeURIComponent(id)}` }, element("span", {}, group.name), count));
      return { id, views, node, count, link };
    });
    this.views = this.groups.flatMap((group) => group.views);
  }

  show() {
    const { title, description } = this.api.json.info ?? {};
    document.title = `${title ?? "API"}: API`;
    byId("title").textContent = title ?? "API";
    byId("description").textContent = description ?? "";
    byId("index").replaceChildren(...this.groups.map((group) => group.link));
    byId("operations").replaceChildren(...this.groups.map((group) => group.node));
    byId("search").addEventListener("input", () => this.search());
    addEventListener("hashchange", () => this.follow());
    this.search();
    this.follow();
  }

  /** Shows what holds every word of the search. */
  search() {
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const group of this.groups) {
      let count = 0;
      for (const view of group.views) {
        const isFound = words.every((word) => view.words.includes(word));
        view.node.hidden = !isFound;
        if (isFound) count++;
      }
      group.node.hidden = group.link.hidden = count === 0;
      group.count.textContent = String(count);
      found += count;
    }
    byId("found").textContent = words.length === 0 ? `${found} operations` : `${found} of ${this.views.length} operations`;
  }

  /** Opens what the address names: `#listOrder` an operation, `#tag/Order` a group. */
  follow() {
    let name;
    try {
      name = decodeURIComponent(location.hash.slice(1));
    } catch {
      return;
    }
    const view = this.views.find((one) => one.entry.id === name);
    const group = this.groups.find((one) => one.id === name);
    if (!view && !group) return;
    if ((view?.node ?? group.node).hidden || view?.node.closest(".group").hidden) {
      byId("search").value = "";
      this.search();
    }
    if (view) return view.open();
    group.node.scrollIntoView({ block: "start" });
    group.node.querySelector("h2").focus({ preventScroll: true });
  }
}

try {
  new Page(await ApiDocument.load(document.body.dataset.document)).show();
  performance.mark("docs-shown"); // for whoever measures the page
} catch (error) {
  byId("state").textContent = `The document cannot be shown: ${error.message}`;
}
