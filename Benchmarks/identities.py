"""The parts token and logins."""
import json
import re
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

from harness import CONNECTIONS, abba, example, row, serve

PASSWORD = "several words in a row"
READERS = 32


def user(server, folder, name):
    subprocess.run(
        [server, "user", "create", "--email", f"{name}@example.com", "--password-stdin"], cwd=folder, check=True, text=True,
        input=PASSWORD + "\n", stdout=subprocess.DEVNULL)


def sign_in(base, name):
    """The status and the body."""
    request = urllib.request.Request(
        base + "/v1/auth/login", json.dumps({"email": f"{name}@example.com", "password": PASSWORD}).encode(),
        {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, None


def script(folder, name, text):
    with open(f"{folder}/{name}", "w") as file:
        file.write(text)
    return f"{folder}/{name}"


def measure_token(server, rounds, seconds):
    print(f"One record by key with a valid access token against without, {CONNECTIONS} connections, {rounds} rounds ABBA of {seconds} s")
    with tempfile.TemporaryDirectory() as folder:
        example(server, folder)
        user(server, folder, "ann")
        ours = serve(server, folder)
        base = re.match(r"http://[^/]+", ours.url).group(0)
        token = sign_in(base, "ann")[1]["data"]["accessToken"]
        signed = script(folder, "signed.lua", f'wrk.headers["Authorization"] = "Bearer {token}"\n')
        ours.load(2)
        ours.load(2, script=signed)
        mine, theirs, ratios = abba(lambda: ours.load(seconds, script=signed), lambda: ours.load(seconds), rounds)
        row("with a token, CPU a request", mine[1], "µs")
        row("anonymous, CPU a request", theirs[1], "µs")
        row("CPU ratio (bar: at most 1.15)", ratios[1], "×")
        row("throughput ratio", ratios[0], "×")
        ours.stop()


def measure_logins(server, rounds, seconds):
    print(f"Reads at 30 % of capacity, with 50 clients that sign in without pause against without, {rounds} rounds ABBA of {seconds} s")
    with tempfile.TemporaryDirectory() as folder:
        example(server, folder)
        for number in range(50):
            user(server, folder, f"u{number}")
        ours = serve(server, folder)
        base = re.match(r"http://[^/]+", ours.url).group(0)
        capacity = statistics.median(ours.load(2)[0] for _ in range(3))
        # Each connection waits between its requests, so that they come at a rate that does not follow how quick the answers are.
        pause = READERS / (0.3 * capacity) * 1000
        paced = script(
            folder, "paced.lua",
            f"function delay() return {max(1, round(pause * 0.5))} + math.random(0, {max(1, round(pause))}) end\n")

        def p99():
            command = ["wrk", "-t1", f"-c{READERS}", f"-d{seconds}s", "--latency", "-s", paced, ours.url]
            text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            if "Non-2xx" in text:
                raise SystemExit(f"the server refused requests: {text}")
            number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
            return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]

        def stormy():
            counts, stop = {}, threading.Event()

            def client(number):
                while not stop.is_set():
                    status = sign_in(base, f"u{number}")[0]
                    counts[status] = counts.get(status, 0) + 1

            threads = [threading.Thread(target=client, args=(number,)) for number in range(50)]
            for thread in threads:
                thread.start()
            time.sleep(0.5)
            begun = time.perf_counter()
            latency = p99()
            spent = time.perf_counter() - begun
            stop.set()
            for thread in threads:
                thread.join()
            return latency, counts.get(200, 0) / (spent + 0.5)

        mine, theirs, ratios = abba(stormy, lambda: (p99(), 0), rounds)
        row("p99 of reads, with sign-ins", mine[0], "ms")
        row("p99 of reads, quiet", theirs[0], "ms")
        row("sign-ins", mine[1], "/s")
        row("p99 ratio (bar: at most 3)", ratios[0], "×")
        ours.stop()
