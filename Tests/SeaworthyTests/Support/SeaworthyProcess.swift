import Foundation
import Synchronization

/// The `seaworthy` executable as its users run it: a process of its own, in a folder of its own.
// @unchecked Sendable: `process` is set up in the initialiser; Foundation's own lock guards what is asked of it afterwards.
final class SeaworthyProcess: @unchecked Sendable {
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
    static func run(
        _ arguments: [String], in folder: URL, environment: [String: String] = [:]
    ) async throws -> Outcome {
        try await SeaworthyProcess(arguments, in: folder, environment: environment).ended()
    }

    /// Starts a command, for tests that do not let it end.
    static func start(_ arguments: [String], in folder: URL, environment: [String: String] = [:]) throws -> SeaworthyProcess {
        try SeaworthyProcess(arguments, in: folder, environment: environment)
    }

    var isRunning: Bool { process.isRunning }

    private let process: Process
    private let exit = Promise<Int32>()
    private let streams: URL

    /// The streams go to files: pipes would be inherited by whatever other tests start meanwhile, and not end with the process.
    private init(_ arguments: [String], in folder: URL, environment: [String: String]) throws {
        streams = FileManager.default.temporaryDirectory.appendingPathComponent("seaworthy-streams-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: streams, withIntermediateDirectories: true)
        process = Process()
        process.executableURL = Self.executable
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = Self.environment(environment)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.file(streams.appendingPathComponent("output"))
        process.standardError = try Self.file(streams.appendingPathComponent("errors"))
        process.terminationHandler = { [exit] in exit.resolve($0.terminationStatus) }
        try process.run()
    }

    deinit { try? FileManager.default.removeItem(at: streams) }

    private static func file(_ url: URL) throws -> FileHandle {
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }

    /// Starts `serve` and waits until it listens.
    static func serve(
        in folder: URL, arguments: [String] = [], environment: [String: String] = [:]
    ) async throws -> (process: SeaworthyProcess, address: String) {
        let process = try SeaworthyProcess(
            ["serve"] + arguments, in: folder, environment: ["PORT": "0", "LOG_FORMAT": "json"].merging(environment) { $1 })
        while process.process.isRunning {
            if let line = process.log.split(separator: "\n").first(where: { $0.contains(#""message":"listening""#) && $0.hasSuffix("}") }),
                let start = line.firstRange(of: "http://")
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
        kill(process.processIdentifier, signal)
    }

    /// Waits for the end.
    func ended() async -> Outcome {
        let status = await exit.value
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

/// A value that arrives once.
final class Promise<Value: Sendable>: Sendable {
    private let state = Mutex<(value: Value?, waiting: [CheckedContinuation<Value, Never>])>((nil, []))

    func resolve(_ value: Value) {
        let waiting = state.withLock { state in
            guard state.value == nil else { return [CheckedContinuation<Value, Never>]() }
            state.value = value
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }

    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state -> Value? in
                    if state.value == nil { state.waiting.append(continuation) }
                    return state.value
                }
                if let known { continuation.resume(returning: known) }
            }
        }
    }
}
