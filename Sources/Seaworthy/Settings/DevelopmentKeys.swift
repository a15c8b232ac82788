/// The keys a developer need not think of: made once in `.seaworthy/secret-keys` in the working directory and read from there
/// ever after. The folder is 0700, the file 0600, and a `.gitignore` keeps both out of the repository.
enum DevelopmentKeys {
    static let folder = ".seaworthy"
    static let file = ".seaworthy/secret-keys"
    /// Every key made here begins so, and staging and production refuse it wherever it turns up.
    static let prefix = "development-"

    /// Reads the keys, making them first when there are none.
    static func loadOrMake(in workingDirectory: String) throws(SettingsProblem) -> SecretKeys {
        if let existing = try load(from: workingDirectory) { return existing }
        do {
            try SettingFile.makeFolder(SettingFile.path(folder, in: workingDirectory))
            try makeUnlessThere(SettingFile.path("\(folder)/.gitignore", in: workingDirectory), text: "*\n")
            try makeUnlessThere(SettingFile.path(file, in: workingDirectory), text: prefix + randomText() + "\n")
        } catch {
            throw SettingsProblem(
                .unwritableFile, file, "cannot be made: \(error.reason)", fix: "make \(workingDirectory) writable, or set SECRET_KEYS")
        }
        // Read back, since another start may have been faster.
        guard let made = try load(from: workingDirectory) else {
            throw SettingsProblem(.unreadableFile, file, "has gone again", fix: "start once more, or set SECRET_KEYS")
        }
        return made
    }

    /// The keys in the file, or nil when there is none.
    static func load(from workingDirectory: String) throws(SettingsProblem) -> SecretKeys? {
        let content: (text: String, mode: UInt32)
        do {
            let read = try SettingFile.read(SettingFile.path(file, in: workingDirectory))
            content = (read.text, UInt32(read.mode))
        } catch {
            if error.isMissing { return nil }
            throw SettingsProblem(
                .unreadableFile, file, "cannot be read: \(error.reason)", fix: "make it readable, delete it, or set SECRET_KEYS")
        }
        guard content.mode & 0o077 == 0 else {
            throw SettingsProblem(
                .insecureFile, file, "may be read or changed by others", fix: "run chmod 600 \(file), or set SECRET_KEYS")
        }
        guard case .success(let keys) = SecretKeyPolicy.parse(content.text.trimmingOneLineBreak()) else {
            throw SettingsProblem(
                .invalidValue, file, "holds no usable keys",
                fix: "delete it: a new one is made, and cursors given out before stop working")
        }
        return keys
    }

    /// 32 random bytes in hexadecimal, from the system's generator.
    static func randomText() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private static func makeUnlessThere(_ path: String, text: String) throws(SettingFile.Failure) {
        do {
            try SettingFile.make(path, text: text)
        } catch {
            guard error.isExisting else { throw error }
        }
    }
}

extension String {
    /// Without the one line feed, or carriage return and line feed, that editors and `echo` put at the end of a file.
    func trimmingOneLineBreak() -> String {
        var scalars = unicodeScalars[...]
        if scalars.last == "\n" {
            scalars.removeLast()
            if scalars.last == "\r" { scalars.removeLast() }
        }
        return String(scalars)
    }
}
