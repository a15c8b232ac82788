import Foundation

/// A script that starts a server, says in one line where it is, and stops it when its input ends: so it goes with this process.
package final class ServingScript: Sendable {
    package let words: [String]
    private let input: Pipe
    private let process: Process

    /// Starts it, and waits for its line. Blocks the thread.
    package init(_ name: String, _ arguments: [String] = []) throws {
        process = Process()
        input = Pipe()
        let output = Pipe()
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").standardizedFileURL
        process.executableURL = root.appendingPathComponent("scripts/\(name)")
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while !line.contains(0x0A) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw PostgresServer.Failure(description: "scripts/\(name) did not start") }
            line += more
        }
        words = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
    }

    package func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
