import Foundation
import PostgresServing

/// The `seaworthy` executable as its users run it: a process of its own, in a folder of its own.
final class SeaworthyProcess: Sendable {
    struct Outcome: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    struct DidNotStart: Error, CustomStringConvertible {
        var description: String
    }

    private static let executable: URL = {
        // The test bundle lies beside the executable.
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") {
            folder = bundle.bundleURL.deletingLastPathComponent()
        }
        return folder.appendingPathComponent("seaworthy")
    }()

    /// The variables of a test: nothing of this machine's but what coverage and the loader need.
    static func environment(_ variables: [String: String]) -> [String: String] {
        let inherited = ProcessInfo.processInfo.environment.filter { name, _ in
            ["PATH", "HOME", "LLVM_PROFILE_FILE", "LD_LIBRARY_PATH", "TMPDIR"].contains(name)
        }
        return inherited.merging(variables) { $1 }
    }

    /// Runs a command to its end.
    ///
    /// - Parameter input: what it reads from its standard input.
    static func run(
        _ arguments: [String], in folder: URL, environment: [String: String] = [:], input: String? = nil
    ) async throws -> Outcome {
        try await SeaworthyProcess(arguments, in: folder, environment: environment, input: input).ended()
    }

    /// Starts a command, for tests that do not let it end.
    static func start(_ arguments: [String], in folder: URL, environment: [String: String] = [:]) throws -> SeaworthyProcess {
        try SeaworthyProcess(arguments, in: folder, environment: environment)
    }

    var isRunning: Bool { process.isRunning }

    private let process: SpawnedProcess
    private let streams: URL

    /// The streams go to files, which nobody has to read while it runs.
    private init(_ arguments: [String], in folder: URL, environment: [String: String], input: String? = nil) throws {
        streams = FileManager.default.temporaryDirectory.appendingPathComponent("seaworthy-streams-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: streams, withIntermediateDirectories: true)
        let (output, errors) = (
            try Self.file(streams.appendingPathComponent("output")), try Self.file(streams.appendingPathComponent("errors"))
        )
        var given: FileHandle?
        if let input {
            try Data(input.utf8).write(to: streams.appendingPathComponent("input"))
            given = try FileHandle(forReadingFrom: streams.appendingPathComponent("input"))
        }
        process = try SpawnedProcess(
            Self.executable.path, arguments, folder: folder.path, environment: Self.environment(environment),
            descriptors: (given?.fileDescriptor ?? -1, output.fileDescriptor, errors.fileDescriptor))
    }

    deinit { try? FileManager.default.removeItem(at: streams) }

    private static func file(_ url: URL) throws -> FileHandle {
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }

    /// Starts `serve` and waits until it listens. Tests ask more than anybody may, so this machine is exempt from limits, unless the schema
    /// says something of them.
    static func serve(
        in folder: URL, arguments: [String] = [], environment: [String: String] = [:]
    ) async throws -> (process: SeaworthyProcess, address: String) {
        let file = folder.appendingPathComponent("seaworthy.yaml")
        if let schema = try? String(contentsOf: file, encoding: .utf8), !schema.contains("limits:") {
            try (schema + "\nlimits: { exempt: [127.0.0.0/8] }\n").write(to: file, atomically: true, encoding: .utf8)
        }
        let process = try SeaworthyProcess(
            ["serve"] + arguments, in: folder, environment: ["PORT": "0", "LOG_FORMAT": "json"].merging(environment) { $1 })
        while process.isRunning {
            if let line = process.log.split(separator: "\n").first(where: { $0.contains(#""message":"listening""#) && $0.hasSuffix("}") }),
                let start = line.firstRange(of: /https?:\/\//)
            {
                return (process, String(line[start.lowerBound...].prefix { $0 != "\"" }))
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        let outcome = await process.ended()
        throw DidNotStart(description: "serve ended with \(outcome.status): \(outcome.errors)\(outcome.output)")
    }

    /// Starts `serve` and does not wait for it.
    static func starting(in folder: URL, environment: [String: String]) throws -> SeaworthyProcess {
        try SeaworthyProcess(["serve"], in: folder, environment: environment)
    }

    func send(_ signal: Int32) {
        process.send(signal)
    }

    /// Waits for the end.
    func ended() async -> Outcome {
        let status = await process.ended()
        return Outcome(status: status, output: text("output"), errors: text("errors"))
    }

    /// Asks the server to stop, and waits until it has.
    @discardableResult
    func stop() async -> Outcome {
        send(SIGTERM)
        return await ended()
    }

    /// Everything that was written to standard output so far.
    var log: String { text("output") }

    private func text(_ stream: String) -> String {
        (try? String(contentsOf: streams.appendingPathComponent(stream), encoding: .utf8)) ?? ""
    }
}
