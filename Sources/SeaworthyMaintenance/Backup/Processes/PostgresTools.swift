import FoundationEssentials

/// PostgreSQL's own programs, and how they reach the server.
package struct PostgresTools: Sendable {
    private let folders: [String]
    private let environment: [String: String]
    private let parameters: [String: String]

    /// - Parameters:
    ///   - parameters: of the connection, by libpq's names.
    ///   - environment: what the programs get of ours: `PATH`, which is searched, and what libpq looks at.
    package init(parameters: [String: String], environment: [String: String]) {
        self.parameters = parameters
        self.environment = environment
        folders = Self.installed() + (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    }

    /// Where packages put the programs of each version: on the path of Debian is only a wrapper that picks one.
    private static func installed() -> [String] {
        ["/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt"].flatMap { root in
            ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted().map { "\(root)/\($0)/bin" }
        }
    }

    /// The oldest of these programs that is not older than the version.
    func find(_ program: String, atLeast major: Int, scratch: ScratchFolder) throws -> (path: String, version: Int) {
        var seen: [Int] = []
        var best: (path: String, version: Int)?
        for folder in folders {
            let path = "\(folder)/\(program)"
            guard FileManager.default.isExecutableFile(atPath: path), let version = version(of: path, scratch) else { continue }
            seen.append(version)
            if version >= major, version < best?.version ?? .max { best = (path, version) }
            // There is no better one, and Debian's wrapper on the path takes its time to say its version.
            if version == major { break }
        }
        guard let best else {
            let found = seen.isEmpty ? "none was found" : "found were those of \(seen.sorted().map(String.init).joined(separator: ", "))"
            throw BackupError(
                .toolFailed, "there is no \(program) of PostgreSQL \(major) or later here; \(found)",
                fix: "install postgresql-client-\(major), or put its folder on the PATH")
        }
        return best
    }

    /// `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
    private func version(of path: String, _ scratch: ScratchFolder) -> Int? {
        guard let child = try? ChildProcess(path, ["--version"], environment: environment, errorsPath: errorsPath(scratch)) else {
            return nil
        }
        let text = String(decoding: child.read(256), as: UTF8.self)
        guard (try? child.finish()) != nil else { return nil }
        return text.split(whereSeparator: \.isWhitespace).lazy.compactMap { Int($0.prefix { $0 != "." }) }.first
    }

    /// Starts a program on a database of the server. The password goes by its environment: arguments are for everybody to read.
    func start(_ path: String, _ arguments: [String], database: String, scratch: ScratchFolder) throws -> ChildProcess {
        var open = parameters
        open["dbname"] = database
        var environment = environment
        environment["PGPASSWORD"] = open.removeValue(forKey: "password") ?? environment["PGPASSWORD"]
        open["application_name"] = PostgresBackupEngine.applicationName
        // Messages as the documentation has them.
        environment["LC_ALL"] = "C"
        guard open.removeValue(forKey: "sslpassword") == nil else {
            throw BackupError(
                .toolFailed, "sslpassword cannot be handed to \(Files.name(of: path)) without showing it to others",
                fix: "use a key without a password for DATABASE_DIRECT_URL")
        }
        let text = open.sorted { $0.key < $1.key }.map { "\($0)='\(Self.escaped($1))'" }.joined(separator: " ")
        return try ChildProcess(
            path, ["--dbname=\(text)", "--no-password"] + arguments, environment: environment, errorsPath: errorsPath(scratch))
    }

    private func errorsPath(_ scratch: ScratchFolder) -> String {
        scratch.file("errors-\([UInt8].random(6).hexadecimal)")
    }

    /// As libpq's connection texts have it.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
    }
}
