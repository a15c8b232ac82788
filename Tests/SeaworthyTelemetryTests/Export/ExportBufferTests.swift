import Testing

@testable import SeaworthyTelemetry

@Suite struct `What waits to be exported` {
    private static func limits(items: Int = 10, bytes: Int = 100, batch: Int = 3, batchBytes: Int = 30) -> ExportLimits {
        var limits = ExportLimits()
        (limits.maximumItems, limits.maximumBytes) = (items, bytes)
        (limits.batchItems, limits.batchBytes) = (batch, batchBytes)
        return limits
    }

    @Test func `the first item wakes, and the one that fills a batch`() {
        var buffer = ExportBuffer<Int>(limits: Self.limits())
        #expect(buffer.readiness == .empty)
        #expect(buffer.append(1, bytes: 1) == .wakes)
        #expect(buffer.readiness == .filling)
        #expect(buffer.append(2, bytes: 1) == .held)
        #expect(buffer.append(3, bytes: 1) == .wakes)
        #expect(buffer.readiness == .ready)
        #expect(buffer.append(4, bytes: 1) == .held)
        #expect(buffer.take() == [1, 2, 3])
        #expect(buffer.readiness == .filling)
    }

    @Test func `a batch is full by its bytes, too, and takes no more of them`() {
        var buffer = ExportBuffer<Int>(limits: Self.limits(batch: 100))
        _ = buffer.append(1, bytes: 20)
        #expect(buffer.append(2, bytes: 11) == .wakes)
        #expect(buffer.readiness == .ready)
        #expect(buffer.take() == [1])
        buffer.finish()
        _ = buffer.append(3, bytes: 19)
        #expect(buffer.take() == [2, 3])
    }

    @Test func `an item larger than a batch goes alone`() {
        var buffer = ExportBuffer<Int>(limits: Self.limits())
        _ = buffer.append(1, bytes: 40)
        _ = buffer.append(2, bytes: 1)
        #expect(buffer.take() == [1])
        buffer.finish()
        #expect(buffer.take() == [2])
        #expect(buffer.take().isEmpty)
    }

    @Test func `the newest is dropped beyond the bound of items, and what is on its way counts`() {
        var buffer = ExportBuffer<Int>(limits: Self.limits(items: 4))
        for item in 1...4 { #expect(buffer.append(item, bytes: 1) != .dropped(.queueFull)) }
        #expect(buffer.append(5, bytes: 1) == .dropped(.queueFull))
        #expect(buffer.take() == [1, 2, 3])
        #expect(buffer.append(6, bytes: 1) == .dropped(.queueFull))
        #expect((buffer.count, buffer.bytes) == (4, 4))
        buffer.finish()
        #expect(buffer.append(7, bytes: 1) == .held)
        #expect((buffer.count, buffer.bytes) == (2, 2))
        #expect(buffer.take() == [4, 7])
    }

    @Test func `the newest is dropped beyond the bound of bytes`() {
        var buffer = ExportBuffer<Int>(limits: Self.limits(bytes: 50))
        #expect(buffer.append(1, bytes: 51) == .dropped(.queueFull))
        #expect(buffer.append(2, bytes: 30) == .wakes)
        #expect(buffer.append(3, bytes: 20) == .held)
        #expect(buffer.append(4, bytes: 1) == .dropped(.queueFull))
        _ = buffer.take()
        #expect(buffer.bytes == 50)
        #expect(buffer.append(5, bytes: 1) == .dropped(.queueFull))
        buffer.finish()
        #expect(buffer.append(6, bytes: 1) == .held)
        #expect(buffer.bytes == 21)
    }

    @Test func `closed, it takes nothing in and waits for no more`() {
        var buffer = ExportBuffer<Int>(limits: Self.limits())
        _ = buffer.append(1, bytes: 1)
        buffer.close()
        #expect(buffer.append(2, bytes: 1) == .dropped(.shutdown))
        #expect(buffer.readiness == .ready)
        #expect(buffer.take() == [1])
        buffer.finish()
        #expect(buffer.readiness == .finished)
    }

    @Test func `what is given up is counted and gone`() {
        var buffer = ExportBuffer<Int>(limits: Self.limits())
        for item in 1...4 { _ = buffer.append(item, bytes: 2) }
        _ = buffer.take()
        #expect(buffer.discard() == 1)
        #expect((buffer.count, buffer.bytes) == (3, 6))
        buffer.finish()
        #expect((buffer.count, buffer.bytes) == (0, 0))
    }
}
