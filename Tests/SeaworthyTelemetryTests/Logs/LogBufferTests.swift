import Testing

@testable import SeaworthyTelemetry

struct LogBufferTests {
    private func line(_ text: String) -> (inout [UInt8]) -> Void { { $0.append(contentsOf: text.utf8) } }

    @Test func `lines fit up to the capacity and are dropped whole beyond it`() {
        var buffer = LogBuffer(capacity: 10)
        _ = buffer.append(line("1234"))
        _ = buffer.append(line("1234"))
        #expect(buffer.pending.count == 10)
        #expect(buffer.droppedTotal == 0)
        _ = buffer.append(line(""))
        #expect(String(decoding: buffer.pending, as: UTF8.self) == "1234\n1234\n")
        #expect(buffer.droppedTotal == 1)
        #expect(buffer.droppedSinceBatch == 1)
    }

    @Test func `what is being written counts towards the capacity`() {
        var buffer = LogBuffer(capacity: 10)
        _ = buffer.append(line("12345"))
        var batch = buffer.take()
        _ = buffer.append(line("1234"))
        #expect(buffer.droppedTotal == 1)
        _ = buffer.append(line("123"))
        #expect(buffer.pending.count == 4)
        buffer.finish(&batch, lost: 0)
        _ = buffer.append(line("12345"))
        #expect(buffer.pending.count == 10)
        #expect(buffer.droppedTotal == 1)
    }

    @Test func `only the first line after a batch wakes the thread`() {
        var buffer = LogBuffer(capacity: 100)
        var wakes = [buffer.append(line("a")), buffer.append(line("b"))]
        _ = buffer.take()
        #expect(!buffer.hasWork)
        wakes.append(buffer.append(line("c")))
        #expect(wakes == [true, false, true])
        var full = LogBuffer(capacity: 0)
        wakes = [full.append(line("a")), full.append(line("b"))]
        #expect(full.hasWork)
        #expect(wakes == [true, false])
    }

    @Test func `a batch carries its bytes and its drops, and the next begins anew`() {
        var buffer = LogBuffer(capacity: 4)
        _ = buffer.append(line("abc"))
        _ = buffer.append(line("d"))
        #expect(buffer.goal == 1)
        var batch = buffer.take()
        #expect(String(decoding: batch.bytes, as: UTF8.self) == "abc\n")
        #expect(batch.dropped == 1)
        #expect(buffer.goal == 1)
        #expect(buffer.batchesWritten == 0)
        buffer.finish(&batch, lost: 2)
        #expect(buffer.batchesWritten == 1)
        #expect(buffer.droppedTotal == 3)
        #expect(buffer.droppedSinceBatch == 0)
        #expect(!buffer.hasWork)
        let next = buffer.take()
        #expect(next.bytes.isEmpty)
    }

    @Test func `storage is used again`() {
        var buffer = LogBuffer(capacity: 10_000)
        _ = buffer.append(line(String(repeating: "x", count: 5000)))
        let address = buffer.pending.withUnsafeBufferPointer { $0.baseAddress }
        var batch = buffer.take()
        buffer.finish(&batch, lost: 0)
        #expect(batch.bytes.capacity == 0)
        // What was given back becomes the storage of the batch after the next.
        _ = buffer.append(line("y"))
        var second = buffer.take()
        _ = buffer.append(line("z"))
        #expect(buffer.pending.withUnsafeBufferPointer { $0.baseAddress } == address)
        buffer.finish(&second, lost: 0)
    }
}
