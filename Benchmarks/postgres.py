"""The parts on PostgreSQL: pg-read, pg-page, pg-driver and pg-restore. They start a server of their own and stop it."""
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time

from basics import IMPORT_SCHEMA
from harness import CONNECTIONS, ROOT, NotOffered, Server, abba, example, free_port, row, serve
from routes import CUSTOMER, ORDER, columns

CLIENTS = 8


class Cluster:
    """A PostgreSQL in a temporary folder. Durability costs nothing here, since what is measured only reads, or is the same on both sides."""

    def __init__(self):
        self.process = subprocess.Popen([f"{ROOT}/scripts/test-postgres"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.folder, self.port = self.process.stdout.readline().split()
        version = sorted(os.listdir("/usr/lib/postgresql"), key=int)[-1] if os.path.isdir("/usr/lib/postgresql") else None
        self.tools = f"/usr/lib/postgresql/{version}/bin/" if version else ""

    def url(self, database):
        return f"postgres:///{database}?host={self.folder}&port={self.port}&user=postgres"

    def run(self, tool, *arguments, **options):
        environment = {**os.environ, "PGHOST": self.folder, "PGPORT": self.port, "PGUSER": "postgres"}
        return subprocess.run(
            [self.tools + tool, *arguments], env=environment, check=True, capture_output=True, text=True, **options).stdout

    def transactions(self, database, script, seconds):
        """Transactions a second of pgbench, prepared, and its own and the server's CPU microseconds for each are not told."""
        text = self.run(
            "pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds), "-f", script, database)
        return float(re.search(r"tps = ([\d.]+) \(without", text).group(1))

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


@contextlib.contextmanager
def northwind(server):
    """The example's data in PostgreSQL: the cluster, a folder with the schema, and the environment of a server on it."""
    cluster = Cluster()
    try:
        cluster.run("createdb", "bench")
        with tempfile.TemporaryDirectory() as folder:
            environment = {"DATABASE_URL": cluster.url("bench")}
            os.environ.update(environment)
            try:
                example(server, folder)
                cluster.run("psql", "-qc", "VACUUM ANALYZE", "bench")
                yield cluster, folder, environment
            finally:
                del os.environ["DATABASE_URL"]
    finally:
        cluster.stop()


def script(folder, name, text):
    with open(f"{folder}/{name}.sql", "w") as file:
        file.write(text)
    # pgbench runs as whoever started this; the folder is theirs.
    return f"{folder}/{name}.sql"


def measure_read(server, rounds, seconds):
    print(f"One record by key from PostgreSQL over HTTP, {CONNECTIONS} connections, {rounds} rounds ABBA of {seconds} s")
    with northwind(server) as (cluster, folder, environment):
        select = script(folder, "point", f"SELECT {columns(ORDER, 'orders')} FROM orders WHERE \"OrderID\" = 10001;\n")
        ours = serve(server, folder, environment=environment)
        try:
            ours.load(2)
            cluster.transactions("bench", select, 2)
            mine, base, ratios = abba(lambda: ours.load(seconds), lambda: (cluster.transactions("bench", select, seconds), 1.0), rounds)
            row("seaworthy, requests a second", mine[0], "/s")
            row("seaworthy, CPU a request", mine[1], "µs")
            row(f"pgbench -c {CLIENTS}, selects a second", base[0], "/s")
            row("throughput ratio (bar: at least 0.5)", ratios[0], "×")
            measure_express(cluster, folder, ours, rounds, seconds)
        finally:
            ours.stop()


def measure_express(cluster, folder, ours, rounds, seconds):
    port = free_port()
    names = ", ".join(f'"{part.split(":")[0]}"' for part in ORDER.split(","))
    try:
        subprocess.run(
            ["node", "-e", 'require("express"); require("pg")'], check=True, capture_output=True,
            env={**os.environ, "NODE_PATH": os.environ.get("NODE_PATH", "/usr/share/nodejs")})
    except (OSError, subprocess.CalledProcessError):
        raise NotOffered("Express and node-pg to compare with (apt-get install nodejs node-express node-pg)")
    peer = Server(
        ["node", f"{ROOT}/Benchmarks/express.js", cluster.folder, cluster.port, "bench", str(port)], port, "/v1/orders/10001",
        {"NODE_PATH": os.environ.get("NODE_PATH", "/usr/share/nodejs"), "NODE_ENV": "production", "COLUMNS_OF_ORDERS": names})
    try:
        assert json.loads(peer.body)["data"]["OrderID"] in (10001, "10001"), peer.body
        peer.load(2)
        mine, base, ratios = abba(lambda: ours.load(seconds), lambda: peer.load(seconds), rounds)
        row("Express and node-pg, requests a second", base[0], "/s")
        row("Express and node-pg, CPU a request", base[1], "µs")
        row("throughput ratio (bar: at least 2.5)", ratios[0], "×")
    finally:
        peer.stop()


def measure_page(server, rounds, seconds):
    path = "/v1/orders?limit=50&include=customer"
    print(f"A page of 50 orders with their customers from PostgreSQL, {CLIENTS} connections, {rounds} rounds ABBA of {seconds} s")
    with northwind(server) as (cluster, folder, environment):
        statement = script(
            folder, "page",
            f"SELECT {columns(ORDER, 'o')}, {columns(CUSTOMER, 'c')} FROM orders o LEFT JOIN customers c ON c.\"CustomerID\" = o.\"CustomerID\" "
            "ORDER BY o.\"OrderID\" LIMIT 51;\n")
        ours = serve(server, folder, path, environment)
        try:
            assert len(json.loads(ours.body)["data"]) == 50
            ours.load(2, connections=CLIENTS)
            mine, base, ratios = abba(
                lambda: ours.load(seconds, connections=CLIENTS), lambda: (cluster.transactions("bench", statement, seconds), 1.0), rounds)
            row("seaworthy, pages a second", mine[0], "/s")
            row("seaworthy, CPU a page", mine[1], "µs")
            row(f"pgbench -c {CLIENTS}, statements a second", base[0], "/s")
            row("throughput ratio (bar: at least 0.5)", ratios[0], "×")
        finally:
            ours.stop()


def measure_driver(server, rounds, seconds):
    options = ["--static-swift-stdlib"] if sys.platform == "linux" else []
    subprocess.run(
        ["swift", "build", "-c", "release", "--scratch-path", ".build-release", "--product", "DriverLoad", *options], check=True, cwd=ROOT)
    print(f"The driver alone, {CLIENTS} connections, {CONNECTIONS} tasks, {rounds} rounds ABBA of {seconds} s")
    with northwind(server) as (cluster, folder, environment):
        text = f"SELECT {columns(ORDER, 'orders')} FROM orders WHERE \"OrderID\" = "
        select = script(folder, "point", f"{text}10001;\n")

        def driver():
            done = subprocess.run(
                [f"{ROOT}/.build-release/release/DriverLoad", cluster.url("bench"), f"{text}$1::bigint", str(CLIENTS), str(CONNECTIONS),
                 str(seconds)], check=True, capture_output=True, text=True)
            return (float(done.stdout),)

        mine, base, ratios = abba(driver, lambda: (cluster.transactions("bench", select, seconds),), rounds)
        row("driver, selects a second", mine[0], "/s")
        row(f"pgbench -c {CLIENTS}, selects a second", base[0], "/s")
        row("throughput ratio (bar: at least 1.2)", ratios[0], "×")


MANY = 1_000_000


def measure_restore(server, rounds, seconds):
    print(f"Restore of {MANY} rows into PostgreSQL, {rounds} rounds ABBA, whole processes")
    cluster = Cluster()
    try:
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/seaworthy.yaml", "w") as file:
                file.write(IMPORT_SCHEMA)
            with open(f"{folder}/none.csv", "w") as file:
                file.write("ItemID,Name\n")

            def run(database, *arguments):
                environment = {**os.environ, "DATABASE_URL": cluster.url(database), "BACKUP_DIR": f"{folder}/backups"}
                subprocess.run(
                    [server, *arguments], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

            cluster.run("createdb", "source")
            run("source", "import", "Item", "none.csv")
            cluster.run(
                "psql", "-qc",
                'INSERT INTO items ("ItemID", "Name", "City", "Price", "Amount", "Weight", "Sold", "SoldAt") '
                "SELECT n, 'Item number ' || n || ' with a name', (ARRAY['Göteborg', 'Lagos', 'Saint-Malo', 'Kotka'])[n % 4 + 1], "
                "(n * 7919 % 10000000) / 100.0, n % 1000, (n % 99991) / 1000.0, n % 2 = 0, '2024-03-05T00:00:00Z'::timestamptz + n * interval '1 second' "
                f"FROM generate_series(1::bigint, {MANY}) AS n", "source")
            run("source", "backup", "create")
            cluster.run("pg_dump", f"--file={folder}/dump.sql", "source")

            def timed(work):
                cluster.run("dropdb", "--if-exists", "target")
                cluster.run("createdb", "target")
                started = time.perf_counter()
                work()
                return (1 / (time.perf_counter() - started),)

            def load():
                cluster.run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", f"{folder}/dump.sql", "target")

            def count():
                return cluster.run("psql", "-Atc", 'SELECT count(*), sum("Price"), max("SoldAt") FROM items', "target")

            timed(load)
            expected = count()
            for name, options, bar in (("restore", ["--no-compare"], 0.7), ("restore with verify", [], 0.4)):
                mine, base, ratios = abba(
                    lambda: timed(lambda: run("target", "backup", "restore", *options)), lambda: timed(load), rounds)
                run_once = timed(lambda: run("target", "backup", "restore", *options))
                assert run_once and count() == expected, "the restore is another database"
                row(f"seaworthy, {name}", [1 / one for one in mine[0]], "s")
                row("psql loading its dump", [1 / one for one in base[0]], "s")
                row(f"speed ratio (bar: at least {bar})", ratios[0], "×")
    finally:
        cluster.stop()
