import Foundation
import NIOHTTP1
import PostgresServing
import SeaworthySchema
import Testing

/// A server with people who sign in, on SQLite or on PostgreSQL, and its first administrator, made on the command line.
struct IdentityServer: Sendable {
    enum Engine: String, Sendable, CaseIterable { case sqlite, postgres }

    static let password = "correct horse battery"
    static let administrator = "admin@example.com"

    let folder: TemporaryFolder
    let environment: [String: String]
    let api: APIClient
    /// The first administrator's access token.
    let administrator: String

    /// Starts a server, lets the test use it and stops it, whatever happens.
    static func with(_ schema: String, on engine: Engine, _ body: (IdentityServer) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try folder.write(schema, to: "seaworthy.yaml")
        let environment = engine == .sqlite ? [:] : ["DATABASE_URL": try await PostgresServer.running().makeSchema()]
        let made = try await SeaworthyProcess.run(
            ["user", "create", "--email", administrator, "--admin", "--password-stdin"], in: folder.url, environment: environment,
            input: password + "\n")
        try #require(made.status == 0, "\(made.errors)")
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        do {
            let api = try await APIClient(address: address).documented()
            let token = try await signIn(administrator, api)
            try await body(IdentityServer(folder: folder, environment: environment, api: api, administrator: token))
        } catch {
            await process.stop()
            throw error
        }
        let outcome = await process.stop()
        #expect(outcome.status == 0, "serve ended with \(outcome.status): \(outcome.errors)")
    }

    private static func signIn(_ email: String, _ api: APIClient) async throws -> String {
        let answer = try await api.post("/v1/auth/login", #"{"email":"\#(email)","password":"\#(password)"}"#)
        try #require(answer.status == 200, "\(answer.body)")
        return try answer.text("data.accessToken")
    }

    /// - Returns: the access token.
    func signIn(_ email: String) async throws -> String { try await Self.signIn(email, api) }

    /// - Parameter token: nil for nobody.
    func send(
        _ method: HTTPMethod, _ path: String, _ body: String? = nil, as token: String?, type: String = "application/json"
    ) async throws -> APIClient.Answer {
        var headers: HTTPHeaders = body == nil ? [:] : ["Content-Type": type]
        if let token { headers.add(name: "Authorization", value: "Bearer \(token)") }
        return try await api.send(method, path, headers: headers, body: body)
    }

    /// Makes a user with a password, as the administrator does.
    ///
    /// - Returns: the user's id.
    @discardableResult
    func makeUser(_ email: String, roles: [String] = [], attributes: String = "{}") async throws -> String {
        let list = roles.map { "\"\($0)\"" }.joined(separator: ",")
        let body = #"{"email":"\#(email)","password":"\#(Self.password)","roles":[\#(list)],"attributes":\#(attributes)}"#
        let answer = try await send(.POST, "/v1/users", body, as: administrator)
        try #require(answer.status == 201, "\(answer.body)")
        return try answer.text("data.id")
    }

    /// Changes what is stored, past the server.
    func store(_ sql: String) async throws {
        guard let address = environment["DATABASE_URL"] else {
            _ = try await SQLiteShell.rows("PRAGMA busy_timeout=60000; " + sql, in: folder.url.appendingPathComponent("seaworthy.db"))
            return
        }
        try await PostgresServer.running().shell(at: address, sql)
    }

    /// The mails that went out, in no order; written by a server in development.
    func mails() throws -> [String] {
        let path = folder.url.appendingPathComponent(".seaworthy/mail")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: path.path)) ?? []
        return try files.filter { $0.hasSuffix(".eml") }.map { try String(contentsOf: path.appendingPathComponent($0), encoding: .utf8) }
    }

    /// Waits for the first mail to an address.
    func mail(to address: String) async throws -> String {
        for _ in 0..<3000 {
            if let mail = try mails().first(where: { $0.contains("To: \(address)") || $0.contains("To: <\(address)>") }) { return mail }
            try await Task.sleep(for: .milliseconds(20))
        }
        return try #require(nil, "no mail to \(address)")
    }
}
