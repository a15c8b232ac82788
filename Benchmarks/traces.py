"""The part traces: what spans of requests cost, with a receiver that takes them and with one that never answers."""
import asyncio
import contextlib
import multiprocessing
import tempfile

from harness import CONNECTIONS, abba, example, free_port, row, serve


async def take(reader, writer):
    """Answers every batch as taken: an empty message of OTLP."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
    except (asyncio.IncompleteReadError, OSError):
        writer.close()


async def hang(reader, writer):
    await asyncio.sleep(86_400)


def listen(port, answer):
    async def main():
        async with await asyncio.start_server(answer, "127.0.0.1", port) as server:
            await server.serve_forever()

    asyncio.run(main())


@contextlib.contextmanager
def receiver(answer):
    port = free_port()
    process = multiprocessing.Process(target=listen, args=(port, answer), daemon=True)
    process.start()
    try:
        yield {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}"}
    finally:
        process.terminate()
        process.join()


def measure_traces(server, rounds, seconds):
    print(f"One record by key with traces, against without, {CONNECTIONS} connections, {rounds} rounds ABBA of {seconds} s")
    share = {"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.01"}
    with tempfile.TemporaryDirectory() as folder, receiver(take) as taking, receiver(hang) as hanging:
        example(server, folder)
        off = serve(server, folder)
        for name, environment in (
                ("1 % recorded", {**taking, **share}), ("all recorded", taking), ("all recorded, receiver hangs", hanging)):
            traced = serve(server, folder, environment=environment)
            try:
                traced.load(2)
                off.load(2)
                mine, base, ratios = abba(lambda: traced.load(seconds), lambda: off.load(seconds), rounds)
                row(f"{name}: CPU a request", mine[1], "µs")
                row("without: CPU a request", base[1], "µs")
                row(f"{name}: CPU ratio", ratios[1], "×")
                row(f"{name}: resident afterwards", [traced.resident_mebibytes()], "MiB")
            finally:
                traced.stop()
        row("without: resident afterwards", [off.resident_mebibytes()], "MiB")
        off.stop()
