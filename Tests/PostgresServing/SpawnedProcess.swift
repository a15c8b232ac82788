import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A program that the tests start.
///
/// Not Foundation's `Process`: that one learns of an end by a socket that closes, and a program started at the same moment by another test,
/// such as a database, can inherit the socket, so that the end is never seen. Here nothing is inherited, and the end is waited for.
package final class SpawnedProcess: Sendable {
    package let pid: Int32
    #if !canImport(Darwin)
    private typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32

    /// `posix_spawn_file_actions_addclosefrom_np` (glibc 2.34), which the headers show to few: so that a program, which may live long, keeps
    /// nothing open that another test waits to see closed.
    nonisolated(unsafe) private static let closeFrom: ((UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Void)? = {
        guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return nil }
        let function = unsafeBitCast(symbol, to: CloseFrom.self)
        return { _ = function($0, $1) }
    }()
    #endif

    private let end = Mutex<(status: Int32?, waiting: [@Sendable (Int32) -> Void])>((nil, []))

    /// - Parameters:
    ///   - environment: nil for that of this process.
    ///   - descriptors: what it gets for its input, output and errors; -1 for none.
    package init(
        _ executable: String, _ arguments: [String], folder: String? = nil, environment: [String: String]? = nil,
        descriptors: (input: Int32, output: Int32, errors: Int32)
    ) throws {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for (number, descriptor) in [descriptors.input, descriptors.output, descriptors.errors].enumerated() {
            if descriptor >= 0 {
                posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
            } else {
                posix_spawn_file_actions_addopen(&actions, Int32(number), "/dev/null", number == 0 ? O_RDONLY : O_WRONLY, 0)
            }
        }
        #if !canImport(Darwin)
        Self.closeFrom?(&actions, 3)
        #endif
        // What the test process blocks or ignores is not for the program.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        // `env` becomes the program in the folder.
        var argv = (["env"] + (folder.map { ["-C", $0] } ?? []) + [executable] + arguments).map { strdup($0) } + [nil]
        var envp = (environment ?? ProcessInfo.processInfo.environment).map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, "/usr/bin/env", &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw PostgresServer.Failure(description: "\(executable): \(String(cString: strerror(code)))") }
        pid = child
        Thread.detachNewThread { [self] in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            // As a shell has it for an exit, and the signal's number for a kill.
            let told = status & 0x7F == 0 ? status >> 8 & 0xFF : status & 0x7F
            let waiting = end.withLock { end in
                end.status = told
                defer { end.waiting = [] }
                return end.waiting
            }
            for tell in waiting { tell(told) }
        }
    }

    package var isRunning: Bool { end.withLock { $0.status == nil } }

    package func send(_ signal: Int32) {
        // Under the lock, so that the number is not another process' by now.
        end.withLock { end in
            if end.status == nil { kill(pid, signal) }
        }
    }

    /// Waits for the end, and gives the status or the number of the signal.
    package func ended() async -> Int32 {
        await withCheckedContinuation { continuation in onEnd { continuation.resume(returning: $0) } }
    }

    /// The same on a thread that may be blocked.
    @discardableResult
    package func waitUntilEnd() -> Int32 {
        let ended = DispatchSemaphore(value: 0)
        let status = Mutex<Int32>(0)
        onEnd { told in
            status.withLock { $0 = told }
            ended.signal()
        }
        ended.wait()
        return status.withLock { $0 }
    }

    private func onEnd(_ tell: @escaping @Sendable (Int32) -> Void) {
        let known = end.withLock { end -> Int32? in
            if end.status == nil { end.waiting.append(tell) }
            return end.status
        }
        if let known { tell(known) }
    }

    /// The two ends of a way that no other program inherits: a pair of sockets, since those can be made so in one step.
    package static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        #if canImport(Darwin)
        let code = socketpair(AF_UNIX, SOCK_STREAM, 0, &ends)
        if code == 0 { for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) } }
        #else
        let code = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
        #endif
        guard code == 0 else { throw PostgresServer.Failure(description: "pipe: \(String(cString: strerror(errno)))") }
        return (ends[0], ends[1])
    }

    /// Runs a program to its end on this thread, and gives its status and everything that it wrote.
    package static func run(_ executable: String, _ arguments: [String]) throws -> (status: Int32, output: String, errors: String) {
        let (output, errors) = (try pipe(), try pipe())
        let process: SpawnedProcess
        do {
            defer {
                close(output.writing)
                close(errors.writing)
            }
            process = try SpawnedProcess(executable, arguments, descriptors: (-1, output.writing, errors.writing))
        }
        // Both at once: one that is full would hold up the other.
        let told = Mutex<[UInt8]>([])
        let read = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            let all = readAll(errors.reading)
            told.withLock { $0 = all }
            read.signal()
        }
        let text = readAll(output.reading)
        read.wait()
        return (process.waitUntilEnd(), String(decoding: text, as: UTF8.self), told.withLock { String(decoding: $0, as: UTF8.self) })
    }

    private static func readAll(_ descriptor: Int32) -> [UInt8] {
        defer { close(descriptor) }
        var all: [UInt8] = []
        while let more = readSome(descriptor) { all += more }
        return all
    }

    /// The next bytes; nil at the end.
    package static func readSome(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 { return Array(buffer.prefix(count)) }
            guard count < 0, errno == EINTR else { return nil }
        }
    }
}
