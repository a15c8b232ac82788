import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A script that starts a server, says in one line where it is, and stops it when its input ends: so it goes with this process.
package final class ServingScript: Sendable {
    package let words: [String]
    /// Nil once it was told to stop: its number is another's by then, who would find it closed.
    private let input: Mutex<Int32?>
    private let process: SpawnedProcess

    /// Starts it, and waits for its line. Blocks the thread.
    package init(_ name: String, _ arguments: [String] = []) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").standardizedFileURL
        let (input, output) = (try SpawnedProcess.pipe(), try SpawnedProcess.pipe())
        self.input = Mutex(input.writing)
        do {
            defer {
                close(input.reading)
                close(output.writing)
            }
            process = try SpawnedProcess(
                root.appendingPathComponent("scripts/\(name)").path, arguments, descriptors: (input.reading, output.writing, 2))
        }
        var line: [UInt8] = []
        while !line.contains(0x0A) {
            guard let more = SpawnedProcess.readSome(output.reading) else {
                throw PostgresServer.Failure(description: "scripts/\(name) did not start")
            }
            line += more
        }
        // Its output stays open: a script that says more must not be ended by that.
        words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// Stops it, and waits for its end. Blocks the thread. May be called again.
    package func stop() {
        let input = input.withLock { input in
            defer { input = nil }
            return input
        }
        if let input { close(input) }
        process.waitUntilEnd()
    }
}
