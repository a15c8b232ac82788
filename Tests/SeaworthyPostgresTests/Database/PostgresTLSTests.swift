import Foundation
import PostgresServing
import SeaworthyPostgres
import SeaworthySchema
import SeaworthyStorage
import Testing

/// A server that takes encrypted connections and plain ones, and asks for a password over either.
@Suite struct `Encryption and passwords` {
    private static let shared = Task {
        let server = try await PostgresServer.start(["--tls", "log_connections=on"])
        try await server.shell(
            "postgres", "CREATE ROLE u LOGIN PASSWORD '\(word)'; CREATE ROLE certified LOGIN; ALTER ROLE postgres PASSWORD '\(word)'")
        return server
    }

    private static let word = "p@ss/w:rd%?#&=ü"
    private static let encodedWord = "p%40ss%2Fw%3Ard%25%3F%23%26%3D%C3%BC"

    private static func address(
        _ server: PostgresServer, host: String = "localhost", user: String = "u", password: String? = encodedWord, _ parameters: String
    ) -> String {
        "postgres://\(user)\(password.map { ":\($0)" } ?? "")@\(host):\(server.port)/postgres?\(parameters)"
    }

    /// Whether the server says that the connection is encrypted; throws what opening it throws.
    private static func isEncrypted(_ address: String) async throws -> Bool {
        let database = try await PostgresDatabase.open(PostgresSettings(address))
        let rows = try await database.rows("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        await database.close()
        return rows == [[.integer(1)]]
    }

    @Test(arguments: [
        ("sslmode=disable", false), ("sslmode=allow", false), ("sslmode=prefer", true), ("", true), ("sslmode=require", true),
        ("sslmode=verify-ca&sslrootcert=CA", true), ("sslmode=verify-full&sslrootcert=CA", true),
        ("sslmode=require&ssl_min_protocol_version=TLSv1.3", true), ("sslmode=require&channel_binding=require", true),
    ])
    func `each mode of sslmode encrypts or does not`(parameters: String, isEncrypted: Bool) async throws {
        let server = try await Self.shared.value
        let parameters = parameters.replacing("CA", with: "\(server.folder)/tls/ca.crt")
        #expect(try await Self.isEncrypted(Self.address(server, parameters)) == isEncrypted)
    }

    @Test(arguments: [
        ("localhost", "sslmode=verify-full&sslrootcert=FOLDER/other-ca.crt", "certificate verify failed"),
        ("localhost", "sslmode=verify-ca&sslrootcert=FOLDER/other-ca.crt", "certificate verify failed"),
        ("localhost", "sslmode=verify-ca&sslrootcert=FOLDER/none.crt", "none.crt\" does not exist"),
        ("127.0.0.1", "sslmode=verify-full&sslrootcert=FOLDER/ca.crt", "does not match host name \"127.0.0.1\""),
    ])
    func `a certificate that is not the right one is refused`(host: String, parameters: String, told: String) async throws {
        let server = try await Self.shared.value
        let address = Self.address(server, host: host, parameters.replacing("FOLDER", with: "\(server.folder)/tls"))
        let error = await refused { _ = try await Self.isEncrypted(address) }
        #expect(error?.code == .disconnected)
        #expect(error?.message.contains(told) == true, "\(String(describing: error))")
        Self.expectNoPassword(error)
    }

    @Test func `the certificate's name is not asked for where only its issuer is`() async throws {
        let server = try await Self.shared.value
        let root = "sslmode=verify-ca&sslrootcert=\(server.folder)/tls/ca.crt"
        #expect(try await Self.isEncrypted(Self.address(server, host: "127.0.0.1", root)))
    }

    @Test func `a certificate that has expired is refused, where certificates are looked at`() async throws {
        let server = try await PostgresServer.start(["--tls"])
        defer { server.stop() }
        try await server.shell("postgres", "CREATE ROLE u LOGIN PASSWORD '\(Self.word)'")
        let folder = "\(server.folder)/tls"
        try Data(contentsOf: URL(fileURLWithPath: "\(folder)/expired.crt")).write(to: URL(fileURLWithPath: "\(folder)/server.crt"))
        try await server.shell("postgres", "SELECT pg_reload_conf()")
        let verified = Self.address(server, "sslmode=verify-full&sslrootcert=\(folder)/ca.crt")
        var error: StorageError?
        // The server takes the new file when it gets to it.
        for _ in 0..<100 where error == nil { error = await refused { _ = try await Self.isEncrypted(verified) } }
        #expect(error?.message.contains("certificate verify failed") == true, "\(String(describing: error))")
        #expect(try await Self.isEncrypted(Self.address(server, "sslmode=require")))
    }

    @Test func `a server without encryption is refused where it is required`() async throws {
        let server = try await PostgresServer.running()
        try await server.shell(
            "postgres",
            "DO $$ BEGIN CREATE ROLE plain LOGIN PASSWORD '\(Self.word)'; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        #expect(try await Self.isEncrypted(Self.address(server, user: "plain", "sslmode=prefer")) == false)
        let error = await refused { _ = try await Self.isEncrypted(Self.address(server, user: "plain", "sslmode=require")) }
        #expect(error?.message.contains("server does not support SSL") == true, "\(String(describing: error))")
    }

    @Test func `a client's certificate stands for its password`() async throws {
        let server = try await Self.shared.value
        let folder = "\(server.folder)/tls"
        // libpq wants a key that is its user's.
        let key = NSTemporaryDirectory() + "seaworthy-client-\(server.port).key"
        try Data(contentsOf: URL(fileURLWithPath: "\(folder)/client.key")).write(to: URL(fileURLWithPath: key))
        defer { try? FileManager.default.removeItem(atPath: key) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        let certified = Self.address(
            server, user: "certified", password: nil,
            "sslmode=verify-full&sslrootcert=\(folder)/ca.crt&sslcert=\(folder)/client.crt&sslkey=\(key)")
        #expect(try await Self.isEncrypted(certified))
        let error = await refused {
            _ = try await Self.isEncrypted(Self.address(server, user: "certified", password: nil, "sslmode=require"))
        }
        #expect(error?.message.contains("requires a valid client certificate") == true, "\(String(describing: error))")
    }

    @Test func `a wrong password is said to be, and which user's`() async throws {
        let server = try await Self.shared.value
        let error = await refused { _ = try await Self.isEncrypted(Self.address(server, password: "geheim", "")) }
        #expect(error?.code == .disconnected)
        #expect(error?.message.contains("password authentication failed for user \"u\"") == true, "\(String(describing: error))")
        #expect(error?.message.contains("localhost") == true)
        Self.expectNoPassword(error)
    }

    @Test func `a password that is changed later is not tried again and again`() async throws {
        let server = try await Self.shared.value
        try await server.shell("postgres", "CREATE ROLE later LOGIN PASSWORD '\(Self.word)'")
        var settings = PostgresSettings(Self.address(server, user: "later", ""))
        settings.pool.waitTimeout = .seconds(2)
        let database = try await PostgresDatabase.open(settings)
        try await server.shell(
            "postgres",
            "ALTER ROLE later PASSWORD 'other'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'later'")
        let errors = await withTaskGroup(of: StorageError?.self) { group in
            for _ in 0..<50 { group.addTask { await refused { _ = try await database.rows("SELECT 1") } } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for error in errors {
            #expect(
                error?.code == .disconnected && error?.message.contains("password authentication failed") == true,
                "\(String(describing: error))")
            Self.expectNoPassword(error)
        }
        let log = try String(contentsOfFile: "\(server.folder)/server.log", encoding: .utf8)
        let attempts = log.split(separator: "\n").count { $0.contains("password authentication failed for user \"later\"") }
        // 2 s at 50 ms, doubled each time and less a half at most; with encryption and, as `prefer` goes on, without.
        #expect((1...20).contains(attempts), "\(attempts)")
        // It finds back by itself.
        try await server.shell("postgres", "ALTER ROLE later PASSWORD '\(Self.word)'")
        var answered = false
        for _ in 0..<20 where !answered { answered = (try? await database.rows("SELECT 1")) != nil }
        #expect(answered)
        await database.close()
    }

    @Test func `a statement over an encrypted connection is ended over another encrypted one`() async throws {
        let server = try await Self.shared.value
        let address = Self.address(server, "sslmode=require&application_name=ending")
        let database = try await PostgresDatabase.open(PostgresSettings(address))
        let count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ending' AND wait_event = 'PgSleep'"
        let connected = { () throws -> Int in
            try String(contentsOfFile: "\(server.folder)/server.log", encoding: .utf8).split(separator: "\n").count {
                $0.contains("connection authorized") && $0.contains("application_name=ending") && $0.contains("SSL enabled")
            }
        }
        let inTransaction = Task { try await database.transaction(.write) { _ = try await $0.rows("SELECT pg_sleep(600)") } }
        let shared = Task { try await database.rows("SELECT pg_sleep(600)") }
        while try await server.shell("postgres", count) != "2" {}
        let before = try connected()
        shared.cancel()
        inTransaction.cancel()
        await #expect(throws: CancellationError.self) { try await shared.value }
        await #expect(throws: CancellationError.self) { try await inTransaction.value }
        while try await server.shell("postgres", count) != "0" {}
        #expect(try connected() >= before + 2)
        await database.close()
    }

    @Test func `what the address says wins over our own defaults`() async throws {
        let server = try await Self.shared.value
        let database = try await PostgresDatabase.open(PostgresSettings(Self.address(server, "application_name=of-the-address")))
        #expect(try await database.rows("SHOW application_name") == [[.text("of-the-address")]])
        await database.close()
        let plain = try await PostgresDatabase.open(PostgresSettings(Self.address(server, "")))
        #expect(try await plain.rows("SHOW application_name") == [[.text("seaworthy")]])
        await plain.close()
    }

    @Test func `of several hosts the one is taken that may be written to`() async throws {
        let server = try await PostgresServer.running()
        let readOnly = try await PostgresServer.start(["default_transaction_read_only=on"])
        defer { readOnly.stop() }
        let hosts = "host=\(readOnly.folder),\(server.folder)&port=\(readOnly.port),\(server.port)&user=postgres"
        for (attributes, port) in [("read-write", server.port), ("primary", readOnly.port), ("any", readOnly.port)] {
            let database = try await PostgresDatabase.open(
                PostgresSettings("postgres:///postgres?\(hosts)&target_session_attrs=\(attributes)"))
            #expect(try await database.rows("SHOW port") == [[.text(String(port))]], "\(attributes)")
            await database.close()
        }
        let error = await refused {
            await (try PostgresDatabase.open(PostgresSettings("postgres:///postgres?\(hosts)&target_session_attrs=standby"))).close()
        }
        #expect(error?.code == .disconnected)
    }

    private static func expectNoPassword(_ error: StorageError?) {
        for secret in [word, encodedWord, "geheim"] { #expect(error?.description.contains(secret) == false) }
    }
}
