import FoundationEssentials

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A program that runs beside us, its input and its output in our hands. Reading, writing and waiting block the thread.
///
/// When this process is killed the program finds its input or its output closed, and ends.
final class ChildProcess: Sendable {
    private static let errorBytes = 8 << 10

    private let name: String
    private let pid: pid_t
    private let input: Socket
    private let output: Socket
    private let errors: OpenFile

    /// One end of a pair of sockets. Sockets, because a write to a closed one can be told not to signal the whole process.
    private final class Socket: Sendable {
        let descriptor: Int32

        init(_ descriptor: Int32) { self.descriptor = descriptor }
        deinit { close(descriptor) }
    }

    /// - Parameters:
    ///   - environment: all that it gets.
    ///   - errorsPath: a file for what it says; must not exist.
    init(_ executable: String, _ arguments: [String], environment: [String: String], errorsPath: String) throws {
        name = Files.name(of: executable)
        errors = try FolderStore.wrapping { try OpenFile(making: errorsPath) }
        let (ours, theirs) = try Self.pair()
        let (ourOutput, theirOutput) = try Self.pair()
        input = ours
        output = ourOutput
        shutdown(ours.descriptor, Int32(SHUT_RD))
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
        posix_spawn_file_actions_adddup2(&actions, theirs.descriptor, 0)
        posix_spawn_file_actions_adddup2(&actions, theirOutput.descriptor, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.descriptor, 2)
        // What the server ignores and blocks is not for the program.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        var child: pid_t = 0
        let code = Self.withStrings([executable] + arguments) { argv in
            Self.withStrings(environment.map { "\($0)=\($1)" }) { posix_spawn(&child, executable, &actions, &attributes, argv, $0) }
        }
        guard code == 0 else {
            throw BackupError(
                .toolFailed, "\(executable) cannot be started: \(String(cString: strerror(code)))",
                fix: "install PostgreSQL's client programs")
        }
        pid = child
    }

    private static func pair() throws -> (Socket, Socket) {
        var ends: [Int32] = [-1, -1]
        #if canImport(Darwin)
        let code = socketpair(AF_UNIX, SOCK_STREAM, 0, &ends)
        if code == 0 { for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) } }
        #else
        let code = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends)
        #endif
        guard code == 0 else {
            throw BackupError(.toolFailed, "no sockets: \(String(cString: strerror(errno)))", fix: "raise the limit of open files")
        }
        return (Socket(ends[0]), Socket(ends[1]))
    }

    private static func withStrings<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers = texts.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeMutableBufferPointer { buffer in
            buffer.withMemoryRebound(to: UnsafeMutablePointer<CChar>?.self) { rebound in
                // Never empty: it ends with nil.
                withExtendedLifetime(rebound) { body(UnsafePointer(rebound.baseAddress.unsafelyUnwrapped)) }
            }
        }
    }

    /// The next bytes of its output; none at the end.
    func read(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var result = -1
            repeat { result = recv(output.descriptor, buffer.baseAddress, count, 0) } while result < 0 && errno == EINTR
            filled = max(0, result)
        }
    }

    /// False when it takes no more: it has ended, and ``finish()`` says why.
    func write(_ bytes: [UInt8]) -> Bool {
        var written = 0
        #if canImport(Darwin)
        let flags: Int32 = 0
        #else
        let flags = Int32(MSG_NOSIGNAL)
        #endif
        while written < bytes.count {
            let result = bytes.withUnsafeBytes { send(input.descriptor, $0.baseAddress.map { $0 + written }, bytes.count - written, flags) }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { return false }
            written += result
        }
        return true
    }

    /// Its input ends.
    func endInput() {
        shutdown(input.descriptor, Int32(SHUT_WR))
    }

    func kill() {
        systemKill(pid)
    }

    /// Waits for its end.
    ///
    /// - Throws: ``BackupError`` `toolFailed` with what it said, unless it ended well.
    func finish() throws(BackupError) {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        guard status != 0 else { return }
        let said = said()
        throw BackupError(
            .toolFailed, "\(name) failed\(said.isEmpty ? " (status \(status))" : ": \(said)")",
            fix: "see what it says; the database's user needs the right to read, and to make databases for a verification")
    }

    /// The end of what it wrote to standard error.
    private func said() -> String {
        guard let file = try? OpenFile(reading: errors.path) else { return "" }
        lseek(file.descriptor, off_t(max(0, file.byteCount - Self.errorBytes)), SEEK_SET)
        let bytes = (try? file.read(Self.errorBytes)) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").joined(separator: "; ")
    }
}

private func systemKill(_ pid: pid_t) {
    kill(pid, SIGKILL)
}
