"""What the fault scripts share: the server as a process in a temporary folder, requests to it, checks of its file, the verdict.

Standard library only. The executable is SEAWORTHY, or the release build's. Everything lives in one temporary folder and goes with
it; the servers die with the script, whatever ends it.
"""
import argparse
import ctypes
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
JSON = {"Content-Type": "application/json"}


def executable():
    path = os.environ.get("SEAWORTHY")
    if not path:
        path = subprocess.run([f"{ROOT}/scripts/build-release", "--print"], check=True, capture_output=True, text=True).stdout.strip()
    path = os.path.abspath(path)
    if not os.access(path, os.X_OK):
        raise SystemExit(f"no executable at {path}; run scripts/build-release, or name one in SEAWORTHY")
    return path


def arguments(documentation, *options):
    """The command line: options as (name, default, help); a default of False makes a flag."""
    parser = argparse.ArgumentParser(description=documentation, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default, text in options:
        if default is False:
            parser.add_argument(name, action="store_true", help=text)
        else:
            parser.add_argument(name, default=default, type=type(default), help=f"{text} (default {default})")
    return parser.parse_args()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    @property
    def is_problem(self):
        """Whether this is a problem of RFC 9457 whose status agrees with the line's."""
        if not (self.headers.get("Content-Type") or "").startswith("application/problem+json"):
            return False
        try:
            problem = self.json()
        except ValueError:
            return False
        return problem.get("status") == self.status and all(problem.get(name) for name in ("type", "title", "code", "requestId"))

    def __repr__(self):
        return f"{self.status} {self.body[:200]!r}"


class Server:
    """`seaworthy serve` on a free port of 127.0.0.1, in a folder with its schema."""

    def __init__(self, folder, schema, database=None, environment=None):
        self.folder, self.executable = folder, executable()
        self.database = database or f"{folder}/faults.db"
        self.log_path = f"{folder}/server.log"
        with open(f"{folder}/seaworthy.yaml", "w") as file:
            # What is attacked here is not what counts requests.
            file.write(schema if "limits:" in schema else f"{schema}\nlimits: {{ exempt: [127.0.0.0/8] }}\n")
        keep = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LD_LIBRARY_PATH", "TMPDIR")}
        self.environment = {
            **keep, "APP_ENV": "development", "DATABASE_URL": f"sqlite:{self.database}", "HOST": "127.0.0.1", "LOG_FORMAT": "json",
            **(environment or {})}
        self.process = None

    def spawn(self):
        """Starts the process without waiting for it to be ready. Never with threads of this script running."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = open(self.log_path, "ab")
        self.process = subprocess.Popen(
            [self.executable, "serve", "--schema", "seaworthy.yaml"], cwd=self.folder, env={**self.environment, "PORT": str(self.port)},
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, preexec_fn=die_with_parent)

    def start(self, seconds=30):
        self.spawn()
        started = time.monotonic()
        while True:
            try:
                if self.request("GET", "/readyz", timeout=2).status == 200:
                    return self
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() - started > seconds:
                tail = "\n".join(self.log_text().splitlines()[-5:])
                raise Failure(f"the server did not become ready within {seconds} s (exit {self.process.poll()}); its log ends:\n{tail}")
            time.sleep(0.01)

    def kill(self):
        """SIGKILL, as the kernel or an orchestrator would."""
        self.process.kill()
        self.process.wait(30)
        self.log.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.log.close()
        return code

    def end(self):
        if self.process and self.process.poll() is None:
            self.kill()

    @property
    def is_alive(self):
        return self.process.poll() is None

    def connection(self, timeout=20):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(self, method, path, body=None, headers=None, timeout=20):
        connection = self.connection(timeout)
        try:
            return ask(connection, method, path, body, headers)
        finally:
            connection.close()

    def operations(self):
        """What OpenAPI offers: {path: {method, …}}, and the document itself."""
        document = self.request("GET", "/openapi.json").json()
        return {path: set(item) for path, item in document["paths"].items()}, document

    def every(self, path, limit=1000):
        """All records of a collection, page by page."""
        cursor, records = "", []
        while True:
            answer = self.request("GET", f"{path}?limit={limit}{cursor}")
            if answer.status != 200:
                raise Failure(f"GET {path} answered {answer}")
            page = answer.json()
            records += page["data"]
            if not page["meta"]["hasMore"]:
                return records
            cursor = f"&cursor={page['meta']['nextCursor']}"

    def log_text(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def resident(self):
        """MiB in memory."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024


def parameter_names(document, path, method):
    """The names of an operation's parameters, those that OpenAPI only refers to included."""
    entries = document["paths"][path]
    names = set()
    for one in entries[method.lower()].get("parameters", []) + entries.get("parameters", []):
        if "$ref" in one:
            one = document["components"]["parameters"][one["$ref"].rpartition("/")[2]]
        names.add(one["name"])
    return names


def ask(connection, method, path, body=None, headers=None):
    """One request on a kept connection; `body` is what JSON is made of, or bytes."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    connection.request(method, path, data, {**(JSON if data is not None else {}), **(headers or {})})
    response = connection.getresponse()
    return Answer(response.status, response.headers, response.read())


def die_with_parent():
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def check_file(database, scratch):
    """What the sqlite3 shell finds wrong with a database: of a copy, since opening one recovers its write-ahead log."""
    copy = f"{scratch}/checked.db"
    for suffix in ("", "-wal"):
        if os.path.exists(copy + suffix):
            os.remove(copy + suffix)
        if os.path.exists(database + suffix):
            shutil.copyfile(database + suffix, copy + suffix)
    problems = []
    for pragma, sound in (("integrity_check", "ok"), ("foreign_key_check", "")):
        done = subprocess.run(["sqlite3", copy, f"PRAGMA {pragma}"], capture_output=True, text=True, timeout=120)
        found = (done.stdout + done.stderr).strip()
        if found != sound:
            problems.append(f"{pragma}: {' '.join(found.split())[:300]}")
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(copy + suffix):
            os.remove(copy + suffix)
    return problems


class Failure(Exception):
    """Ends the run: what it says is the verdict."""


def leaks(answer, *secrets):
    """What of SQL, files or the machine's insides an answer shows."""
    text = answer.body.decode("utf-8", "replace")
    shapes = re.findall(r"SELECT |INSERT |UPDATE |DELETE FROM|SQLITE_|sqlite3?\b|disk image|\.swift\b|/tmp/|/usr/", text)
    return sorted(set(shapes) | {secret for secret in secrets if secret in text})


def run(name, body, seconds):
    """Runs `body(folder, report)` in a temporary folder within a time, then prints the verdict and exits with 0 or 1.

    `report(text)` prints a fact; `report.problem(text)` one that fails the run, which goes on.
    """
    problems = []

    def report(text):
        print(f"  {text}", flush=True)

    def problem(text):
        problems.append(text)
        if len(problems) <= 20:
            report(f"PROBLEM: {text}")

    def out_of_time(number, frame):
        raise Failure(f"not done after {seconds} s")

    def ended(number, frame):
        raise SystemExit(128 + number)

    report.problem = problem
    report.problems = problems
    signal.signal(signal.SIGALRM, out_of_time)
    signal.signal(signal.SIGTERM, ended)
    signal.alarm(seconds)
    print(f"{name}: started, at most {seconds} s", flush=True)
    folder = tempfile.mkdtemp(prefix=f"seaworthy-{re.sub('[^a-z]+', '-', name)}-")
    started = time.monotonic()
    try:
        body(folder, report)
    except Failure as failure:
        problem(str(failure))
    except KeyboardInterrupt:
        problem("interrupted")
    finally:
        signal.alarm(0)
        shutil.rmtree(folder, ignore_errors=True)
    took = f"{time.monotonic() - started:.0f} s"
    if problems:
        print(f"{name}: FAILED after {took}: {len(problems)} problem(s); the first: {problems[0]}")
        sys.stdout.flush()
        os._exit(1)  # threads that still wait for an answer do not hold it up
    print(f"{name}: passed in {took}")
    sys.stdout.flush()
    os._exit(0)


def tools():
    """The folder of executables of scripts/requirements-fuzz.txt, installed on first use into .build-fuzz/ of the tree."""
    requirements = f"{ROOT}/scripts/requirements-fuzz.txt"
    with open(requirements, "rb") as file:
        name = hashlib.sha256(file.read()).hexdigest()[:16]
    folder = f"{ROOT}/.build-fuzz/{name}"
    if not os.path.exists(f"{folder}/complete"):
        print(f"installing scripts/requirements-fuzz.txt into {folder}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        for command in (
            [sys.executable, "-m", "venv", folder],
            [f"{folder}/bin/pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements],
        ):
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900)
            if done.returncode != 0:
                raise SystemExit(f"could not install the tools (on Debian: apt-get install python3-venv):\n{done.stdout[-2000:]}")
        open(f"{folder}/complete", "w").close()
    return f"{folder}/bin"


def example_server(folder):
    """The example application with its data, in a folder; not started yet."""
    with open(f"{ROOT}/Examples/northwind/seaworthy.yaml") as file:
        server = Server(folder, file.read())
    with open(f"{ROOT}/scripts/serve-example") as file:
        tables = re.findall(r"^(\w+) +(\w+\.csv)$", file.read(), re.MULTILINE)  # in the order that references need
    for entity, name in tables:
        done = subprocess.run(
            [server.executable, "import", entity, f"{ROOT}/Examples/northwind/data/{name}"], cwd=folder, env=server.environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        if done.returncode != 0:
            raise Failure(f"the import of {name} failed: {done.stdout[-500:]}")
    return server


def administrator(server):
    """The access token of an administrator, who is made on the server's database."""
    user = {"email": "root@example.com", "password": "several words in a row"}
    done = subprocess.run(
        [server.executable, "user", "create", "--email", user["email"], "--admin", "--password-stdin"], cwd=server.folder,
        env=server.environment, input=user["password"] + "\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    if done.returncode != 0:
        raise Failure(f"no administrator could be made: {done.stdout[-500:]}")
    answer = server.request("POST", "/v1/auth/login", user)
    if answer.status != 200:
        raise Failure(f"the administrator cannot sign in: {answer}")
    return answer.json()["data"]["accessToken"]
