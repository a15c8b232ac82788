"""What the parts of the benchmarks share: building, a server under load with its CPU and memory, the example, rows of results."""
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TICKS = os.sysconf("SC_CLK_TCK")
CONNECTIONS = 64


def build():
    """The executable: SEAWORTHY's, or the release build's, built first."""
    if os.environ.get("SEAWORTHY"):
        return os.path.abspath(os.environ["SEAWORTHY"])
    subprocess.run([f"{ROOT}/scripts/build-release"], check=True, cwd=ROOT)
    return subprocess.run([f"{ROOT}/scripts/build-release", "--print"], check=True, capture_output=True, text=True).stdout.strip()


def build_bare():
    """The bare Hummingbird server of the part `read`."""
    options = ["--static-swift-stdlib"] if sys.platform == "linux" else []
    subprocess.run(
        ["swift", "build", "-c", "release", "--scratch-path", ".build-release", "--product", "BareServer", *options], check=True, cwd=ROOT)
    return f"{ROOT}/.build-release/release/BareServer"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A process that listens on a port of 127.0.0.1."""

    def __init__(self, command, port, path, environment=None, folder=None):
        self.url = f"http://127.0.0.1:{port}{path}"
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        while True:
            try:
                with urllib.request.urlopen(self.url, timeout=5) as answer:
                    self.body = answer.read()
                break
            except OSError:
                if self.process.poll() is not None or time.perf_counter() - self.started > 30:
                    raise SystemExit(f"{command[0]} did not start")
                time.sleep(0.002)
        self.seconds_until_ready = time.perf_counter() - self.started

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_mebibytes(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024

    def peak_mebibytes(self):
        """The most that was resident since the start, or since `forget_peak`."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1)) / 1024

    def forget_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as file:
            file.write("5")

    def has(self, path, method):
        """Whether the OpenAPI document offers this route."""
        return method in json.loads(self.get("/openapi.json"))["paths"].get(path, {})

    def get(self, path, headers=None):
        base = re.match(r"http://[^/]+", self.url).group(0)
        with urllib.request.urlopen(urllib.request.Request(base + path, headers=headers or {}), timeout=120) as answer:
            return answer.read()

    def load(self, seconds, script=None, connections=CONNECTIONS, path=None):
        """Requests a second and CPU microseconds of the server for each."""
        before = self.cpu_seconds()
        url = self.url if path is None else re.match(r"http://[^/]+", self.url).group(0) + path
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s"] + (["-s", script] if script else []) + [url]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        requests = int(re.search(r"(\d+) requests in", text).group(1))
        if "Non-2xx" in text:
            raise SystemExit(f"the server refused requests: {text}")
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
        return rate, (self.cpu_seconds() - before) / requests * 1e6

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


class NotOffered(Exception):
    """This server does not have what the part measures."""


# Every request is counted, as in production, and none is refused.
COUNTED = "limits: { default: 1000000/s, auth: none, import: none }"


def example(server, folder):
    """The example application with its data, in a folder."""
    with open(f"{ROOT}/Examples/northwind/seaworthy.yaml") as file:
        schema, count = re.subn(r"(?m)^limits: .*$", COUNTED, file.read())
    assert count == 1, "the example names its limits on one line"
    with open(f"{folder}/seaworthy.yaml", "w") as file:
        file.write(schema)
    for table in [
        "Region:regions", "Category:categories", "Shipper:shippers", "Supplier:suppliers", "Customer:customers", "Employee:employees",
        "Territory:territories", "Product:products", "EmployeeTerritory:employee_territories", "Order:orders", "OrderDetail:order_details",
    ]:
        entity, name = table.split(":")
        subprocess.run(
            [server, "import", entity, f"{ROOT}/Examples/northwind/data/{name}.csv"], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def serve(server, folder, path="/v1/orders/10001", environment=None):
    port = free_port()
    return Server([server, "serve"], port, path, {"PORT": str(port), "LOG_FORMAT": "json", **(environment or {})}, folder)


def row(name, values, unit):
    print(f"  {name:<34} median {statistics.median(values):9.2f} {unit:<8} (min {min(values):.2f}, max {max(values):.2f})")




def abba(ours, theirs, rounds):
    """Runs both in turn (ours, theirs, theirs, ours); each gives a tuple of figures. Lists of all single figures, and for each figure the
    ratios ours/theirs of the rounds."""
    singles, ratios = ([], []), []
    for _ in range(rounds):
        sums = ([], [])
        for which, run in ((0, ours), (1, theirs), (1, theirs), (0, ours)):
            figures = run()
            singles[which].append(figures)
            sums[which].append(figures)
        ratios.append([sum(mine) / sum(other) if sum(other) else float("nan") for mine, other in zip(zip(*sums[0]), zip(*sums[1]))])
    columns = [list(zip(*one)) for one in singles]
    return columns[0], columns[1], list(zip(*ratios))


def compile_c(name, folder):
    """A baseline in C, compiled with gcc against libsqlite3."""
    program = f"{folder}/{name}"
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-o", program, f"{ROOT}/Benchmarks/{name}.c", "-lsqlite3"], check=True)
    return program
