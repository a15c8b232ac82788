"""The parts read, import and start."""
import csv
import os
import random
import shutil
import subprocess
import tempfile
import time

from harness import CONNECTIONS, ROOT, Server, build_bare, example, free_port, row, serve


def measure_read(server, rounds, seconds):
    bare = build_bare()
    print(f"One record by key, {CONNECTIONS} connections, whole chain, {rounds} rounds ABBA of {seconds} s")
    with tempfile.TemporaryDirectory() as folder:
        example(server, folder)
        ours = serve(server, folder)
        with open(f"{folder}/body", "wb") as file:
            file.write(ours.body)
        port = free_port()
        base = Server([bare, f"{folder}/body", str(port)], port, "/v1/orders/10001")
        assert ours.body == base.body
        for warm in (ours, base):
            warm.load(2)
        rates, costs, ratios, speeds = {ours: [], base: []}, {ours: [], base: []}, [], []
        for _ in range(rounds):
            cost, rate = {ours: 0.0, base: 0.0}, {ours: 0.0, base: 0.0}
            for one in (ours, base, base, ours):
                requests, microseconds = one.load(seconds)
                rates[one].append(requests)
                costs[one].append(microseconds)
                cost[one] += microseconds / 2
                rate[one] += requests / 2
            ratios.append(cost[ours] / cost[base])
            speeds.append(rate[ours] / rate[base])
        row("seaworthy, CPU a request", costs[ours], "µs")
        row("bare Hummingbird, CPU a request", costs[base], "µs")
        row("seaworthy, requests a second", rates[ours], "/s")
        row("bare Hummingbird, requests a second", rates[base], "/s")
        row("CPU ratio (bar: at most 2.2)", ratios, "×")
        row("throughput ratio", speeds, "×")
        ours.stop()
        base.stop()


IMPORT_SCHEMA = """
name: bench
entities:
  Item:
    key: ItemID
    fields:
      ItemID: { type: integer, generated: true }
      Name: { type: string, required: true, max: 80 }
      City: { type: string, max: 40 }
      Price: { type: decimal, precision: 12, scale: 2, min: 0 }
      Amount: { type: integer, min: 0 }
      Weight: { type: double }
      Sold: { type: boolean }
      SoldAt: { type: timestamp }
"""


def measure_import(server, rounds, seconds):
    count = 100_000
    print(f"Import of {count} rows with 8 fields, {rounds} rounds ABBA, whole processes")
    random.seed(7)
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/seaworthy.yaml", "w") as file:
            file.write(IMPORT_SCHEMA)
        with open(f"{folder}/items.csv", "w", newline="") as ours, open(f"{folder}/storage.csv", "w", newline="") as theirs:
            a, b = csv.writer(ours, lineterminator="\n"), csv.writer(theirs, lineterminator="\n")
            a.writerow(["ItemID", "Name", "City", "Price", "Amount", "Weight", "Sold", "SoldAt"])
            for key in range(1, count + 1):
                cents, second = random.randrange(10_000_000), random.randrange(86400)
                name, city = f"Item number {key} with a name", random.choice(["Göteborg", "Lagos", "Saint-Malo", "Kotka"])
                amount, weight, sold = random.randrange(1000), round(random.random() * 100, 3), random.randrange(2)
                stamp = f"2024-03-05T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
                a.writerow([key, name, city, f"{cents // 100}.{cents % 100:02}", amount, weight, sold, stamp])
                b.writerow([key, name, city, cents, amount, weight, sold, 1709596800000000 + second * 1000000])
        # The first command makes the empty database, from which each round begins.
        with open(f"{folder}/none.csv", "w") as file:
            file.write("ItemID,Name\n")
        subprocess.run([server, "import", "Item", "none.csv"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        os.rename(f"{folder}/seaworthy.db", f"{folder}/empty.db")

        def fresh():
            for suffix in ("", "-wal", "-shm"):
                if os.path.exists(f"{folder}/seaworthy.db{suffix}"):
                    os.remove(f"{folder}/seaworthy.db{suffix}")
            shutil.copy(f"{folder}/empty.db", f"{folder}/seaworthy.db")
            os.sync()

        def timed(command):
            fresh()
            started = time.perf_counter()
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            return time.perf_counter() - started

        ours = [server, "import", "Item", "items.csv"]
        theirs = ["sqlite3", "seaworthy.db", "PRAGMA synchronous=FULL", ".mode csv", ".import storage.csv items"]
        times, ratios = {"ours": [], "shell": []}, []
        for _ in range(rounds):
            round_times = {"ours": 0.0, "shell": 0.0}
            for name in ("ours", "shell", "shell", "ours"):
                seconds = timed(ours if name == "ours" else theirs)
                times[name].append(seconds * 1000)
                round_times[name] += seconds / 2
            ratios.append(round_times["shell"] / round_times["ours"])
        imported = subprocess.run(
            ["sqlite3", "seaworthy.db", "SELECT count(*), sum(Price), sum(Amount), min(SoldAt) FROM items"], cwd=folder, check=True,
            capture_output=True, text=True).stdout
        timed(theirs)
        reference = subprocess.run(
            ["sqlite3", "seaworthy.db", "SELECT count(*), sum(Price), sum(Amount), min(SoldAt) FROM items"], cwd=folder, check=True,
            capture_output=True, text=True).stdout
        assert imported == reference, (imported, reference)
        row("seaworthy import", times["ours"], "ms")
        row("sqlite3 shell .import", times["shell"], "ms")
        row("speed ratio (bar: at least 0.3)", ratios, "×")


def measure_start(server, rounds, seconds):
    print("Start and memory, the example application")
    with tempfile.TemporaryDirectory() as folder:
        example(server, folder)
        ready, rest, loaded = [], [], []
        for _ in range(rounds):
            one = serve(server, folder, "/readyz")
            ready.append(one.seconds_until_ready * 1000)
            time.sleep(1)
            rest.append(one.resident_mebibytes())
            one.url = one.url.replace("/readyz", "/v1/orders?limit=100&sort=-OrderDate")
            one.load(seconds)
            loaded.append(one.resident_mebibytes())
            one.stop()
        row("ready (bar: 300)", ready, "ms")
        row("resident at rest (bar: 60)", rest, "MiB")
        row("resident under load (bar: 150)", loaded, "MiB")
