import Foundation
import Testing

/// A file that a log is written to, and read back.
final class LogFile: Sendable {
    let path: String
    let descriptor: Int32

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("seaworthy-log-\(UUID().uuidString)").path
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND, 0o600)
        try #require(descriptor >= 0)
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    func text() throws -> String { String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self) }

    /// The lines, each without its line feed. The last line must have one.
    func lines() throws -> [String] {
        let text = try text()
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return text.unicodeScalars.split(separator: "\n").map { String($0) }
    }

    /// The lines as JSON objects.
    func objects() throws -> [[String: any Sendable]] {
        try lines().map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: any Sendable]
            return try #require(object, "not a JSON object: \(line)")
        }
    }

    /// The lines without their times.
    func bodies() throws -> [String] {
        try lines().map { line in
            #expect(line.firstMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/#) != nil, "no time in \(line)")
            return line.replacing(#/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/#, with: "TIME", maxReplacements: 1)
        }
    }
}
