import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A script that starts a server, says in one line where it is, and stops it when its input ends: so it goes with this process.
package final class ServingScript: Sendable {
    package let words: [String]
    private let input: Int32
    private let process: SpawnedProcess

    /// Starts it, and waits for its line. Blocks the thread.
    package init(_ name: String, _ arguments: [String] = []) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").standardizedFileURL
        let (input, output) = (try SpawnedProcess.pipe(), try SpawnedProcess.pipe())
        self.input = input.writing
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

    package func stop() {
        close(input)
        process.waitUntilEnd()
    }
}
