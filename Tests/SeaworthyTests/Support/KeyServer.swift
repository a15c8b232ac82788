import NIOHTTP1
import SeaworthySchema
import Testing

/// A server with people who can sign in, and what they do with API keys.
struct KeyServer: Sendable {
    static let password = "correct horse battery"
    static let schema = """
        name: keys
        identity: { attributes: { region: string } }
        entities:
          Order:
            fields: { total: { type: integer } }
            softDelete: true
            audit: true
            access:
              clerk: { read: true, create: true }
              boss: { read: true, create: true, update: true, delete: true, restore: true, purge: true, history: true }
          Customer:
            fields: { name: { type: string } }
            access: { boss: { read: true, create: true } }

        """

    let folder: TemporaryFolder
    let process: SeaworthyProcess
    let api: APIClient

    /// Makes `ann@example.com`, a boss, `bob@example.com`, a clerk, and `root@example.com`, an administrator; starts a server, lets the test use
    /// it and stops it.
    static func with(_ body: (KeyServer) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try folder.write(schema, to: "seaworthy.yaml")
        for (name, role) in [("ann", ["--role", "boss"]), ("bob", ["--role", "clerk"]), ("root", ["--admin"])] {
            let made = try await SeaworthyProcess.run(
                ["user", "create", "--email", "\(name)@example.com", "--password-stdin"] + role, in: folder.url, input: password + "\n")
            try #require(made.status == 0, "\(made.errors)")
        }
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url)
        do {
            try await body(KeyServer(folder: folder, process: process, api: try await APIClient(address: address).documented()))
        } catch {
            await process.stop()
            throw error
        }
        await process.stop()
    }

    /// What a client sends who has signed in.
    func signIn(_ name: String) async throws -> HTTPHeaders {
        let answer = try await api.post("/v1/auth/login", #"{"email":"\#(name)@example.com","password":"\#(Self.password)"}"#)
        return Self.bearer(try answer.text("data.accessToken"))
    }

    static func bearer(_ token: String) -> HTTPHeaders { ["Authorization": "Bearer \(token)", "Content-Type": "application/json"] }

    /// Makes a key with a session.
    func makeKey(_ session: HTTPHeaders, _ scopes: String) async throws -> (id: String, prefix: String, headers: HTTPHeaders) {
        let answer = try await api.post("/v1/auth/api-keys", #"{"name":"ci","scopes":\#(scopes)}"#, headers: session)
        try #require(answer.status == 201, "\(answer.body)")
        return (try answer.text("data.id"), try answer.text("data.prefix"), Self.bearer(try answer.text("data.key")))
    }

    func run(_ arguments: String...) async throws -> SeaworthyProcess.Outcome {
        try await SeaworthyProcess.run(["key"] + arguments, in: folder.url)
    }
}
