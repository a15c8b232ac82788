"""The parts with Redis: redis-client, redis-cache and redis-limit. They start a server of their own and stop it."""
import contextlib
import re
import subprocess
import sys
import tempfile

from harness import CONNECTIONS, ROOT, abba, example, row, serve
from postgres import CLIENTS, northwind

TASKS = 64


@contextlib.contextmanager
def redis():
    """The port of a Redis that keeps nothing on the disk."""
    process = subprocess.Popen([f"{ROOT}/scripts/test-redis", "server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline().split()[0])
    finally:
        process.stdin.close()
        process.wait()


def measure_client(server, rounds, seconds):
    options = ["--static-swift-stdlib"] if sys.platform == "linux" else []
    subprocess.run(
        ["swift", "build", "-c", "release", "--scratch-path", ".build-release", "--product", "RedisLoad", *options], check=True, cwd=ROOT)
    print(f"The client alone, {TASKS} tasks on one connection, against redis-benchmark -c 1 -P 16, {rounds} rounds ABBA of {seconds} s")
    with redis() as port:
        for command in ("get", "set"):
            def client():
                done = subprocess.run(
                    [f"{ROOT}/.build-release/release/RedisLoad", f"redis://127.0.0.1:{port}", command, str(TASKS), str(seconds)],
                    check=True, capture_output=True, text=True)
                return (float(done.stdout),)

            def benchmark(count):
                text = subprocess.run(
                    ["redis-benchmark", "-h", "127.0.0.1", "-p", str(port), "-c", "1", "-P", "16", "-t", command, "-n", str(count), "-q"],
                    check=True, capture_output=True, text=True).stdout
                return (float(re.findall(r"([\d.]+) requests per second", text)[-1]),)

            # As many as take about as long.
            count = int(benchmark(200_000)[0] * seconds)
            client()
            mine, base, ratios = abba(client, lambda: benchmark(count), rounds)
            row(f"{command}: the client, a second", mine[0], "/s")
            row(f"{command}: redis-benchmark, a second", base[0], "/s")
            row(f"{command}: ratio (bar: at least 0.7)", ratios[0], "×")


def cached(folder, to):
    """The same application with orders and customers kept for a minute."""
    with open(f"{folder}/seaworthy.yaml") as file:
        schema = file.read()
    for entity in ("Order", "Customer"):
        schema, count = re.subn(rf"(?m)^  {entity}:\n", f"  {entity}:\n    cache: 60s\n", schema)
        assert count == 1, entity
    with open(f"{to}/seaworthy.yaml", "w") as file:
        file.write(schema)


def measure_cache(server, rounds, seconds):
    path = "/v1/orders?limit=50"
    print(f"A page of 50 orders kept for all nodes in Redis, against the same page made by PostgreSQL, {rounds} rounds ABBA of {seconds} s")
    with redis() as port, northwind(server) as (_, folder, environment), tempfile.TemporaryDirectory() as other:
        cached(folder, other)
        # Both count their requests there, so that what is kept is the only difference.
        environment = {**environment, "REDIS_URL": f"redis://127.0.0.1:{port}"}
        kept = serve(server, other, path, environment)
        made = serve(server, folder, path, environment)
        try:
            assert kept.body[:200] == made.body[:200]
            for connections in (CLIENTS, CONNECTIONS):
                kept.load(2, connections=connections)
                made.load(2, connections=connections)
                mine, base, ratios = abba(
                    lambda: kept.load(seconds, connections=connections), lambda: made.load(seconds, connections=connections), rounds)
                row(f"kept, {connections} connections, pages a second", mine[0], "/s")
                row(f"made, {connections} connections, pages a second", base[0], "/s")
                row("kept, CPU a page", mine[1], "µs")
                row("made, CPU a page", base[1], "µs")
                row("throughput ratio (bar: at least 3)", ratios[0], "×")
        finally:
            kept.stop()
            made.stop()


def measure_limit(server, rounds, seconds):
    print(f"One record by key counted in Redis, against counted in memory, {CONNECTIONS} connections, {rounds} rounds ABBA of {seconds} s")
    with redis() as port, tempfile.TemporaryDirectory() as folder:
        example(server, folder)
        shared = serve(server, folder, environment={"REDIS_URL": f"redis://127.0.0.1:{port}"})
        alone = serve(server, folder)
        try:
            def commands():
                text = subprocess.run(["redis-cli", "-p", str(port), "info", "stats"], check=True, capture_output=True, text=True).stdout
                return int(re.search(r"total_commands_processed:(\d+)", text).group(1))

            shared.load(2)
            alone.load(2)
            before = commands()
            text = subprocess.run(["wrk", "-t1", "-c64", "-d1s", shared.url], check=True, capture_output=True, text=True).stdout
            requests = int(re.search(r"(\d+) requests in", text).group(1))
            print(f"  commands that Redis carried out for each request, with those of the script: {(commands() - before) / requests:.2f}")
            mine, base, ratios = abba(lambda: shared.load(seconds), lambda: alone.load(seconds), rounds)
            row("counted in Redis, CPU a request", mine[1], "µs")
            row("counted in memory, CPU a request", base[1], "µs")
            row("CPU ratio (bar: at most 1.25)", ratios[1], "×")
            row("throughput ratio", ratios[0], "×")
        finally:
            shared.stop()
            alone.stop()
