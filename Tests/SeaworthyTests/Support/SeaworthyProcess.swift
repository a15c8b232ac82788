import Foundation
import Synchronization

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
        for bundle in Bundle.allBundles where bundle.bundlePath.hasSuffix(".xctest") { folder = bundle.bundleURL.deletingLastPathComponent() }
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
        _ arguments: [String], in folder: URL, environment: [String: String] = [:], input: String? = nil
    ) async throws -> Outcome {
        let process = SeaworthyProcess(arguments, in: folder, environment: environment)
        try process.launch()
        return await process.ended()
    }

    private let process = Mutex<Process?>(nil)
    private let output = Collected()
    private let errors = Collected()
    private let exit = Promise<Int32>()
    private let arguments: [String]
    private let folder: URL
    private let environment: [String: String]

    private init(_ arguments: [String], in folder: URL, environment: [String: String]) {
        self.arguments = arguments
        self.folder = folder
        self.environment = Self.environment(environment)
    }

    /// Starts `serve` and waits until it listens.
    static func serve(in folder: URL, environment: [String: String] = [:]) async throws -> (process: SeaworthyProcess, address: String) {
        let process = SeaworthyProcess(["serve"], in: folder, environment: ["PORT": "0", "LOG_FORMAT": "json"].merging(environment) { $1 })
        try process.launch()
        guard let line = await process.output.line(containing: #""message":"listening""#),
            let start = line.firstRange(of: "http://")
        else {
            let outcome = await process.ended()
            throw DidNotStart(description: "serve ended with \(outcome.status): \(outcome.errors)\(outcome.output)")
        }
        return (process, String(line[start.lowerBound...].prefix { $0 != "\"" }))
    }

    private func launch() throws {
        let process = Process()
        process.executableURL = Self.executable
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        let pipes = (Pipe(), Pipe())
        process.standardOutput = pipes.0
        process.standardError = pipes.1
        output.read(pipes.0.fileHandleForReading)
        errors.read(pipes.1.fileHandleForReading)
        process.terminationHandler = { [exit] in exit.resolve($0.terminationStatus) }
        try process.run()
        self.process.withLock { $0 = process }
    }

    var processIdentifier: Int32 { process.withLock { $0?.processIdentifier ?? 0 } }

    func send(_ signal: Int32) {
        kill(processIdentifier, signal)
    }

    /// Waits for the end.
    func ended() async -> Outcome {
        let status = await exit.value
        return Outcome(status: status, output: await output.all(), errors: await errors.all())
    }

    /// Asks the server to stop, and waits until it has.
    @discardableResult
    func stop() async -> Outcome {
        send(SIGTERM)
        return await ended()
    }

    /// Everything that was written to standard output so far.
    var log: String { output.soFar }
}

/// A value that arrives once.
private final class Promise<Value: Sendable>: Sendable {
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

/// What a process writes to one of its streams.
private final class Collected: Sendable {
    private struct State {
        var data = Data()
        var isAtEnd = false
        var watchers: [(text: String, found: Promise<String?>)] = []
    }

    private let state = Mutex(State())
    private let end = Promise<Void>()

    func read(_ handle: FileHandle) {
        handle.readabilityHandler = { [self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            let found = state.withLock { state -> [(Promise<String?>, String?)] in
                state.data += data
                state.isAtEnd = data.isEmpty
                let lines = String(decoding: state.data, as: UTF8.self).split(separator: "\n").map(String.init)
                let resolved = state.watchers.compactMap { watcher -> (Promise<String?>, String?)? in
                    let line = lines.first { $0.contains(watcher.text) }
                    return line != nil || state.isAtEnd ? (watcher.found, line) : nil
                }
                if !resolved.isEmpty { state.watchers.removeAll { watcher in resolved.contains { $0.0 === watcher.found } } }
                return resolved
            }
            for (promise, line) in found { promise.resolve(line) }
            if data.isEmpty { end.resolve(()) }
        }
    }

    var soFar: String { state.withLock { String(decoding: $0.data, as: UTF8.self) } }

    func all() async -> String {
        await end.value
        return soFar
    }

    /// The first line with the text; nil when the stream ends without one.
    func line(containing text: String) async -> String? {
        let promise = Promise<String?>()
        let isAtEnd = state.withLock { state in
            state.watchers.append((text, promise))
            return state.isAtEnd
        }
        let known = soFar.split(separator: "\n").map(String.init).first { $0.contains(text) }
        if known != nil || isAtEnd { promise.resolve(known) }
        return await promise.value
    }
}
