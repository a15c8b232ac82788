import FoundationEssentials

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Mails as files of a folder, to look at in development: `<time>-<id>.eml`, which only their owner may read.
package struct FolderDelivery: MailDelivery {
    /// How many stay: the newest. Other files of the folder are left alone.
    package static let keptMails = 200
    private static let ending = ".eml"
    private static let unfinished = ".unfinished"
    private static let fix = "check the rights of the folder and the space on its disk"

    private let folder: String

    /// - Parameter folder: made with those above it, for its owner alone, when the first mail comes.
    package init(_ folder: String) {
        self.folder = folder
    }

    package var place: String { folder }

    /// The file is there as a whole or not at all; after a crash of the machine it may be gone.
    ///
    /// - Throws: ``MailError`` `folderFailed`, which may be tried again.
    package func deliver(_ mail: OutgoingMail) async throws(MailError) {
        try await BlockingThread.run { () throws(MailError) in
            try makeFolder(folder)
            let path = "\(folder)/\(MailDate(mail.time).label)-\(mail.id)\(Self.ending)"
            try write(mail.text.bytes, to: path + Self.unfinished)
            guard rename(path + Self.unfinished, path) == 0 else { throw Self.failure("renamed", path + Self.unfinished) }
            try removeOld()
        }
    }

    /// Whether the folder is there, or can be made, and may be written.
    package func probe() async throws(MailError) {
        try await BlockingThread.run { () throws(MailError) in
            try makeFolder(folder)
            guard access(folder, W_OK | X_OK) == 0 else { throw Self.failure("written", folder) }
        }
    }

    private func makeFolder(_ path: String) throws(MailError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else { throw Self.failure("made", path) }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Self.failure("made", path) }
    }

    private func write(_ bytes: [UInt8], to path: String) throws(MailError) {
        // One that an attempt before left unfinished is written anew. What was put there as a link is not followed.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure("made", path) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                let failure = Self.failure("written", path)
                unlink(path)
                throw failure
            }
            rest = rest.dropFirst(written)
        }
    }

    private func removeOld() throws(MailError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw MailError(.folderFailed, "\(folder) cannot be read", fix: Self.fix, mayRetry: true)
        }
        // Also what a crash left unfinished grows old.
        let mails = names.filter(Self.isMail).sorted()
        for name in mails.dropLast(Self.keptMails) {
            // Another process may have been faster.
            guard unlink("\(folder)/\(name)") == 0 || errno == ENOENT else { throw Self.failure("removed", "\(folder)/\(name)") }
        }
    }

    private static func isMail(_ name: String) -> Bool {
        name.wholeMatch(of: /[0-9]{8}T[0-9]{6}\.[0-9]{6}Z-[A-Za-z0-9-]{1,64}\.eml(\.unfinished)?/) != nil
    }

    private static func failure(_ what: String, _ path: String) -> MailError {
        MailError(
            .folderFailed, "\(path) cannot be \(what): \(String(cString: strerror(errno)))",
            fix: fix, mayRetry: true)
    }
}

private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, buffer, count)
}
