import ArgumentParser
import Seaworthy

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Results go to standard output, errors and progress to standard error.
enum CommandOutput {
    static func result(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    static func error(_ text: String) {
        write(text + "\n", to: STDERR_FILENO)
    }

    /// Draws over the same line of the terminal.
    static func progress(_ text: String) {
        write("\r\u{1B}[K" + text, to: STDERR_FILENO)
    }

    /// A bar for a share from 0 to 1.
    static func bar(_ share: Double) -> String {
        let width = 30
        let filled = Int(min(1, max(0, share)) * Double(width))
        return "[" + String(repeating: "=", count: filled) + String(repeating: " ", count: width - filled)
            + "] \(Int(min(1, share) * 100)) %"
    }

    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Runs a command's work; a failure that has a message for people is printed and ends the command with 1.
    static func run(_ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch let failure as OperationFailure {
            error("error: \(failure)")
            throw ExitCode.failure
        }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { writeBytes(descriptor, $0) }
            // A closed pipe at the other end: there is nobody left to tell.
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }

    private static func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
