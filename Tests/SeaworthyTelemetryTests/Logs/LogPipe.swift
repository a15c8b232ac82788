import Foundation
import Testing

/// A pipe whose reader decides when to take something.
final class LogPipe: Sendable {
    let reader: Int32
    let writer: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        reader = ends[0]
        writer = ends[1]
    }

    /// Fills the pipe, so that whoever writes next has to wait. Returns the number of bytes.
    func fill() -> Int {
        let flags = fcntl(writer, F_GETFL)
        _ = fcntl(writer, F_SETFL, flags | O_NONBLOCK)
        var filled = 0
        let chunk = [UInt8](repeating: UInt8(ascii: "."), count: 4096)
        while true {
            let count = write(writer, chunk, chunk.count)
            if count <= 0 { break }
            filled += count
        }
        _ = fcntl(writer, F_SETFL, flags)
        return filled
    }

    /// Whether something can be read within the time.
    func hasBytes(within milliseconds: Int32) -> Bool {
        var state = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
        return poll(&state, 1, milliseconds) == 1
    }

    /// Reads so many bytes.
    func read(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while bytes.count < count {
            let got = Foundation.read(reader, &chunk, min(chunk.count, count - bytes.count))
            if got <= 0 { break }
            bytes += chunk[..<got]
        }
        return bytes
    }

    /// Reads until every writer has closed.
    func readAll() -> String { String(decoding: read(.max), as: UTF8.self) }
}
