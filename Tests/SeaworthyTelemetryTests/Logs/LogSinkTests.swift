import Foundation
import Testing

@testable import SeaworthyTelemetry

struct LogSinkTests {
    @Test func `a line that was cut is ended before the next batch`() throws {
        let pipe = try LogPipe()
        let filled = pipe.fill()
        // A page is free again: that much of the batch is written, and the rest given up.
        let room = pipe.read(4096).count
        _ = fcntl(pipe.writer, F_SETFL, O_NONBLOCK)
        var sink = LogSink(descriptor: pipe.writer)
        let batch = Array("first\n".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 8192) + Array("\nthird\n".utf8)
        #expect(sink.write(batch, isAbandoned: { true }) == 2)
        #expect(sink.write(Array("lost\n".utf8), isAbandoned: { true }) == 1)
        _ = pipe.read(filled - room)
        #expect(sink.write(Array("next\n".utf8), isAbandoned: { true }) == 0)
        #expect(sink.write([], isAbandoned: { true }) == 0)
        close(pipe.writer)
        let text = pipe.readAll()
        close(pipe.reader)
        #expect(text.hasPrefix("first\nxxx"))
        #expect(text.hasSuffix("xxx\nnext\n"))
        #expect(text.split(separator: "\n").count == 3)
    }
}
