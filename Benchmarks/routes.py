"""The parts include, export, batch, cursor and commit."""
import csv
import http.client
import json
import os
import random
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from harness import COUNTED, ROOT, NotOffered, abba, compile_c, example, row, serve

# What orders and customers hold, in the order of the schema, with the types of rows.c.
ORDER = ("OrderID:i,CustomerID:s,EmployeeID:i,OrderDate:t,RequiredDate:t,ShippedDate:t,ShipVia:i,Freight:d4,Status:s,ShipName:s,"
         "ShipAddress:s,ShipCity:s,ShipRegion:s,ShipPostalCode:s,ShipCountry:s")
CUSTOMER = "CustomerID:s,CompanyName:s,ContactName:s,ContactTitle:s,Address:s,City:s,Region:s,PostalCode:s,Country:s,Phone:s,Fax:s"


def columns(spec, table):
    return ", ".join(f'{table}."{part.split(":")[0]}"' for part in spec.split(","))


def measure_include(server, rounds, seconds):
    print(f"A page of 50 orders with their customers, 8 connections, {rounds} rounds ABBA of {seconds} s")
    path = "/v1/orders?limit=50&include=customer"
    with tempfile.TemporaryDirectory() as folder:
        example(server, folder)
        program = compile_c("rows", folder)
        ours = serve(server, folder, "/readyz")
        try:
            operation = json.loads(ours.get("/openapi.json"))["paths"]["/v1/orders"]["get"]
            if not any(one.get("name") == "include" or one.get("$ref", "").lower().endswith("include") for one in operation["parameters"]):
                raise NotOffered("GET /v1/orders?include=")
            statement = (
                f"SELECT {columns(ORDER, 'o')}, {columns(CUSTOMER, 'c')} FROM orders o LEFT JOIN customers c ON c.\"CustomerID\" = o.\"CustomerID\" "
                "ORDER BY o.\"OrderID\" LIMIT 50")
            # The iterations fill about as many seconds as the load does.
            iterations, spec = 2000, f"{ORDER},customer:{{,{CUSTOMER},}}"

            def baseline(count):
                done = subprocess.run(
                    [program, f"{folder}/seaworthy.db", statement, spec, str(count)], check=True, capture_output=True, text=True)
                text, _, cost = done.stdout.rstrip().rpartition("\n")
                return json.loads(text), float(cost)

            records, cost = baseline(iterations)
            answer = json.loads(ours.get(path))["data"]
            assert answer == records, f"the baseline writes other records: {answer[0]} {records[0]}"
            iterations = max(1000, int(seconds * 1e6 / cost))
            ours.load(2, connections=8, path=path)
            mine, base, ratios = abba(
                lambda: ours.load(seconds, connections=8, path=path)[::-1], lambda: (baseline(iterations)[1], 1.0), rounds)
            row("seaworthy, CPU a request", mine[0], "µs")
            row("SQLite and JSON in C, CPU a page", base[0], "µs")
            row("seaworthy, requests a second", mine[1], "/s")
            row("CPU ratio (bar: at most 4)", ratios[0], "×")
        finally:
            ours.stop()


MANY = 1_000_000

SCHEMA = f"name: bench\n{COUNTED}\n" + """api: { pageSize: 50, maxPageSize: 10000 }
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
      SoldAt: { type: timestamp, index: true }
    access: { anyone: { read: true, create: true, update: true, delete: true } }
"""
NAMES = ["ItemID", "Name", "City", "Price", "Amount", "Weight", "Sold", "SoldAt"]


def items(server, folder, count):
    """A folder with the schema and a database of so many items."""
    random.seed(7)
    with open(f"{folder}/seaworthy.yaml", "w") as file:
        file.write(SCHEMA)
    with open(f"{folder}/items.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(NAMES if count else NAMES[:2])
        for key in range(1, count + 1):
            cents, second = random.randrange(10_000_000), random.randrange(30 * 86400)
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1709596800 + second))
            writer.writerow([key, f"Item number {key} with a name", random.choice(["Göteborg", "Lagos", "Saint-Malo", "Kotka"]),
                             f"{cents // 100}.{cents % 100:02}", random.randrange(1000), round(random.random() * 100, 3),
                             ("true", "false")[random.randrange(2)], stamp])
    subprocess.run([server, "import", "Item", "items.csv"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    os.remove(f"{folder}/items.csv")


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure_export(server, rounds, _):
    count = MANY
    print(f"Export of {count} rows with 8 fields as NDJSON, {rounds} rounds ABBA, to /dev/null")
    with tempfile.TemporaryDirectory() as folder:
        items(server, folder, count)
        ours = serve(server, folder, "/readyz")
        try:
            curl = ["curl", "-sS", "--fail", "-H", "Accept: application/x-ndjson", ours.url.replace("/readyz", "/v1/items")]
            content = json.loads(ours.get("/openapi.json"))["paths"]["/v1/items"]["get"]["responses"]["200"].get("content", {})
            if "application/x-ndjson" not in content:
                raise NotOffered("GET /v1/items as application/x-ndjson")
            lines = subprocess.run(f"{' '.join(repr(part) for part in curl)} | wc -l", shell=True, check=True, capture_output=True, text=True)
            assert int(lines.stdout) == count, f"{lines.stdout.strip()} lines instead of {count}"
            shell = ["sqlite3", "-json", f"{folder}/seaworthy.db", f"SELECT {', '.join(NAMES)} FROM items ORDER BY ItemID"]
            ours.forget_peak()
            peaks = []

            def export():
                before, started = ours.cpu_seconds(), time.perf_counter()
                subprocess.run(curl, check=True, stdout=subprocess.DEVNULL)
                took = time.perf_counter() - started
                peaks.append(ours.peak_mebibytes())
                return count / took, (ours.cpu_seconds() - before) / count * 1e6

            def baseline():
                before, started = children_cpu(), time.perf_counter()
                subprocess.run(shell, check=True, stdout=subprocess.DEVNULL)
                took = time.perf_counter() - started
                return count / took, (children_cpu() - before) / count * 1e6

            mine, base, ratios = abba(export, baseline, rounds)
            row("seaworthy, rows a second", mine[0], "/s")
            row("sqlite3 -json, rows a second", base[0], "/s")
            row("seaworthy, CPU a row", mine[1], "µs")
            row("sqlite3 -json, CPU a row", base[1], "µs")
            row("CPU ratio", ratios[1], "×")
            row("peak resident (bar: 100)", peaks, "MiB")
            row("speed ratio (bar: at least 0.4)", ratios[0], "×")
        finally:
            ours.stop()


def hand(database):
    """Python's sqlite3 on a file, as durable as the server: write-ahead log, synchronous=FULL, references checked."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


INSERT = "INSERT INTO items (Name, City, Price, Amount, Weight, Sold, SoldAt) VALUES (?, ?, ?, ?, ?, ?, ?)"
BODY = {"Name": "Item with a name", "City": "Göteborg", "Price": "19.95", "Amount": 7, "Weight": 3.25, "Sold": True, "SoldAt": "2024-03-05T10:20:30.000000Z"}
VALUES = ("Item with a name", "Göteborg", 1995, 7, 3.25, 1, 1709634030000000)


def same_rows(ours, folder):
    """Both wrote the same into equal tables."""
    query = "SELECT DISTINCT Name, City, Price, Amount, Weight, Sold, SoldAt FROM items"
    mine = sqlite3.connect(f"{folder}/seaworthy.db").execute(query).fetchall()
    other = sqlite3.connect(f"{folder}/hand.db").execute(query).fetchall()
    assert mine == other and len(mine) == 1, (mine, other)


def measure_batch(server, rounds, seconds):
    size = 1000
    print(f"Batches of {size} creates, one connection, {rounds} rounds ABBA of {seconds} s")
    with tempfile.TemporaryDirectory() as folder:
        items(server, folder, 0)
        shutil.copy(f"{folder}/seaworthy.db", f"{folder}/hand.db")
        ours = serve(server, folder, "/readyz")
        other = hand(f"{folder}/hand.db")
        try:
            if not ours.has("/v1/batch", "post"):
                raise NotOffered("POST /v1/batch")
            data = json.dumps({"operations": [{"method": "POST", "path": "/v1/items", "body": BODY}] * size}).encode()
            connection = http.client.HTTPConnection("127.0.0.1", int(re.search(r":(\d+)/", ours.url).group(1)), timeout=60)

            def post():
                connection.request("POST", "/v1/batch", data, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                content = answer.read()
                if answer.status != 200:
                    raise SystemExit(f"POST /v1/batch: {answer.status} {content[:300]!r}")

            def batches():
                before, started, done = ours.cpu_seconds(), time.perf_counter(), 0
                while time.perf_counter() - started < seconds:
                    post()
                    done += size
                return done / (time.perf_counter() - started), (ours.cpu_seconds() - before) / done * 1e6

            def transactions():
                before, started, done = time.process_time(), time.perf_counter(), 0
                while time.perf_counter() - started < seconds:
                    other.execute("BEGIN IMMEDIATE")
                    other.executemany(INSERT, [VALUES] * size)
                    other.execute("COMMIT")
                    done += size
                return done / (time.perf_counter() - started), (time.process_time() - before) / done * 1e6

            post()
            mine, base, ratios = abba(batches, transactions, rounds)
            same_rows(ours, folder)
            row("seaworthy, creates a second", mine[0], "/s")
            row("one transaction, inserts a second", base[0], "/s")
            row("seaworthy, CPU a create", mine[1], "µs")
            row("one transaction, CPU an insert", base[1], "µs")
            row("CPU ratio", ratios[1], "×")
            row("speed ratio (bar: at least 0.3)", ratios[0], "×")
        finally:
            other.close()
            ours.stop()


def measure_cursor(server, rounds, seconds):
    count = MANY + 1000
    print(f"The page behind {MANY} of {count} rows against the first, 8 connections, {rounds} rounds ABBA of {seconds} s")
    with tempfile.TemporaryDirectory() as folder:
        items(server, folder, count)
        ours = serve(server, folder, "/readyz")
        try:
            for name, sort in (("by key", "ItemID"), ("by an indexed field", "-SoldAt")):
                cursor = ""
                for _ in range(MANY // 10000):
                    page = json.loads(ours.get(f"/v1/items?sort={sort}&limit=10000&select=ItemID{cursor}"))
                    cursor = f"&cursor={page['meta']['nextCursor']}"
                first, deep = f"/v1/items?sort={sort}&limit=50", f"/v1/items?sort={sort}&limit=50{cursor}"
                assert len(json.loads(ours.get(deep))["data"]) == 50
                ours.load(1, connections=8, path=first)
                mine, base, ratios = abba(
                    lambda: ours.load(seconds, connections=8, path=deep)[::-1], lambda: ours.load(seconds, connections=8, path=first)[::-1],
                    rounds)
                row(f"{name}: deep, CPU a request", mine[0], "µs")
                row(f"{name}: first, CPU a request", base[0], "µs")
                row(f"{name}: deep, requests a second", mine[1], "/s")
                row(f"{name}: first, requests a second", base[1], "/s")
                row(f"{name}: CPU ratio (bar: 1.5)", ratios[0], "×")
                row(f"{name}: time ratio (bar: 1.5)", [1 / ratio for ratio in ratios[1]], "×")
        finally:
            ours.stop()


COMMITS = """
import json, sqlite3, sys, time
database, insert, values, seconds = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), float(sys.argv[4])
connection = sqlite3.connect(database, isolation_level=None)
for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
    connection.execute("PRAGMA " + pragma)
before, started, done = time.process_time(), time.perf_counter(), 0
while time.perf_counter() - started < seconds:
    connection.execute(insert, values)
    done += 1
print(done / (time.perf_counter() - started), (time.process_time() - before) / done * 1e6)
"""


def measure_commit(server, rounds, seconds):
    print(f"Creates a second, synchronous=FULL, {rounds} rounds ABBA of {seconds} s")
    with tempfile.TemporaryDirectory() as folder:
        shim = f"{folder}/slow-sync.so"
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", shim, f"{ROOT}/Benchmarks/slow-sync.c", "-ldl"], check=True)
        for name, delay in (("this disk", 0), ("a sync of 1 ms", 1000)):
            commits_on(f"{folder}/{delay}", server, rounds, seconds, name, {"LD_PRELOAD": shim, "SYNC_DELAY_US": str(delay)} if delay else {})


def measure_log(server, rounds, seconds):
    print(f"Creates a second of 64 connections with SQLite's log stored every second, against without, {rounds} rounds ABBA of {seconds} s")
    with tempfile.TemporaryDirectory() as folder:
        servers = []
        try:
            for name in ("stored", "plain"):
                home = f"{folder}/{name}"
                os.mkdir(home)
                items(server, home, 0)
                write_post(home)
                backups = {"BACKUP_DIR": f"{home}/backups", "BACKUP_LOG_INTERVAL": "1s"} if name == "stored" else {}
                servers.append((serve(server, home, "/readyz", backups), f"{home}/post.lua"))

            def creates(ours, script):
                return ours.load(seconds, script=script, connections=64, path="/v1/items")

            for one in servers:
                creates(*one)
            mine, base, ratios = abba(lambda: creates(*servers[0]), lambda: creates(*servers[1]), rounds)
            pieces = [name for name in os.listdir(f"{folder}/stored/backups") if "-log-" in name]
            assert len(pieces) > rounds * seconds, pieces
            row("log stored, creates a second", mine[0], "/s")
            row("not stored, creates a second", base[0], "/s")
            row("log stored, CPU a create", mine[1], "µs")
            row("not stored, CPU a create", base[1], "µs")
            row("throughput ratio", ratios[0], "×")
        finally:
            for ours, _ in servers:
                ours.stop()


def write_post(folder):
    with open(f"{folder}/post.lua", "w") as file:
        file.write(f"wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = [[{json.dumps(BODY)}]]\n")


def commits_on(folder, server, rounds, seconds, name, environment):
    os.mkdir(folder)
    items(server, folder, 0)
    shutil.copy(f"{folder}/seaworthy.db", f"{folder}/hand.db")
    write_post(folder)
    ours = serve(server, folder, "/readyz", environment)
    try:

        def creates(connections):
            return ours.load(seconds, script=f"{folder}/post.lua", connections=connections, path="/v1/items")

        def commits():
            done = subprocess.run(
                [sys.executable, "-c", COMMITS, f"{folder}/hand.db", INSERT, json.dumps(VALUES), str(seconds)], check=True,
                capture_output=True, text=True, env={**os.environ, **environment})
            return tuple(float(part) for part in done.stdout.split())

        creates(64)
        mine, base, ratios = abba(lambda: creates(64), commits, rounds)
        _, single, over_single = abba(lambda: creates(64), lambda: creates(1), rounds)
        same_rows(ours, folder)
        print(f"  {name}:")
        row("64 connections, creates a second", mine[0], "/s")
        row("1 connection, creates a second", single[0], "/s")
        row("one commit each, inserts a second", base[0], "/s")
        row("64 connections, CPU a create", mine[1], "µs")
        row("1 connection, CPU a create", single[1], "µs")
        row("one commit each, CPU an insert", base[1], "µs")
        row("64 over 1 connection", over_single[0], "×")
        row("64 over one commit each (bar: 3)", ratios[0], "×")
    finally:
        ours.stop()
