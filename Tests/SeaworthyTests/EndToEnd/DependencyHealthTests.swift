import Foundation
import NIOHTTP1
import PostgresServing
import ProviderServing
import SeaworthySchema
import Testing

@testable import Seaworthy

@Suite(.timeLimit(.minutes(5))) struct `What the server depends on` {
    private static let entities = "entities:\n  Shelf: { fields: { Width: { type: integer } }, access: { anyone: { read: true } } }\n"

    private static func components(_ answer: APIClient.Answer, _ check: String) throws -> [String: String] {
        var found: [String: String] = [:]
        for (index, _) in try answer.list("checks.\(check)").enumerated() {
            let place = "checks.\(check).\(index)"
            found[try answer.text("\(place).componentId")] = try answer.text("\(place).status")
        }
        return found
    }

    @Test func `mail, providers and the bucket are told of, well or not, and the server is ready all the same`() async throws {
        let smtp = try await PostgresServer.onThread { try ServingScript("test-smtp") }
        defer { smtp.stop() }
        let s3 = try await PostgresServer.onThread { try ServingScript("test-s3") }
        defer { s3.stop() }
        let provider = try await CanailleProvider.started()
        let folder = try TemporaryFolder()
        try folder.write(
            """
            name: shop
            identity:
              providers:
                known: { issuer: "\(provider.issuer)", clientId: "\(CanailleProvider.clientID("client_secret_basic"))" }
                absent: { issuer: "http://127.0.0.1:1", clientId: "x" }
            \(Self.entities)
            """, to: "seaworthy.yaml")
        let port = try #require(smtp.words.first { $0.hasPrefix("plain=") }).dropFirst(6)
        let bucket = APIClient(address: "http://127.0.0.1:\(s3.words[0])")
        var environment = [
            "PUBLIC_URL": "http://127.0.0.1:8080", "SMTP_URL": "smtp://localhost:\(port)?tls=off", "MAIL_FROM": "shop@example.com",
            "BACKUP_S3_URL": "s3://shop/some?endpoint=http://127.0.0.1:\(s3.words[0])", "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",  // not-a-secret
        ]
        do {
            let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
            defer { process.send(SIGKILL) }
            let answer = try await APIClient(address: address).get("/health/deps")
            #expect(answer.status == 200)
            #expect(try answer.text("status") == "warn")
            #expect(try answer.text("checks.smtp:responseTime.0.status") == "pass")
            #expect(try answer.text("checks.smtp:responseTime.0.observedUnit") == "ms")
            #expect(try Self.components(answer, "oidc:responseTime") == ["known": "pass", "absent": "warn"])
            #expect(try answer.text("checks.s3:responseTime.0.status") == "warn")
            #expect(try answer.text("checks.s3:responseTime.0.output").contains("NoSuchBucket"))
            // Requests need none of them.
            let ready = try await APIClient(address: address).get("/readyz?verbose")
            #expect(ready.status == 200 && !ready.body.contains("smtp"))
            #expect(try ready.text("status") == "pass")
            #expect(await process.stop().status == 0)
        }
        // The other way round.
        #expect(try await bucket.send(.PUT, "/shop", body: "").status == 200)
        environment["SMTP_URL"] = "smtp://localhost:1?tls=off"
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        defer { process.send(SIGKILL) }
        let answer = try await APIClient(address: address).get("/health/deps")
        #expect(try answer.text("checks.s3:responseTime.0.status") == "pass")
        #expect(try answer.text("checks.smtp:responseTime.0.status") == "warn")
        #expect(try answer.text("checks.smtp:responseTime.0.output").contains("the mail server localhost:1 cannot be reached"))
        #expect(await process.stop().status == 0)
    }

    @Test func `each replica is told of, with how far it is behind`() async throws {
        let primary = try await PostgresServer.start()
        defer { primary.stop() }
        let standby = try await PostgresServer.start(["--standby-of", primary.folder, String(primary.port)])
        defer { standby.stop() }
        let folder = try TemporaryFolder()
        try folder.write("name: shop\n" + Self.entities, to: "seaworthy.yaml")
        let (process, address) = try await SeaworthyProcess.serve(
            in: folder.url,
            environment: [
                "DATABASE_URL": primary.address("postgres"),
                "DATABASE_REPLICA_URLS": "\(standby.address("postgres")),postgres://postgres@127.0.0.1:1/postgres",
            ])
        defer { process.send(SIGKILL) }
        let api = APIClient(address: address)
        func states() async throws -> [String: String] { try Self.components(try await api.get("/health/deps"), "postgres:replicationLag") }
        while try await states() != ["replica-1": "pass", "replica-2": "warn"] { try await Task.sleep(for: .milliseconds(200)) }
        let answer = try await api.get("/health/deps")
        #expect(try answer.text("checks.postgres:replicationLag.0.observedUnit") == "s")
        #expect(try answer.text("checks.postgres:replicationLag.1.output").contains("does not answer"))
        #expect(answer.status == 200)
        standby.stop()
        while try await states() != ["replica-1": "warn", "replica-2": "warn"] { try await Task.sleep(for: .milliseconds(200)) }
        #expect(try await api.get("/readyz").text("status") == "pass")
        #expect(await process.stop().status == 0)
    }

    @Test func `a migration that the database has lost ends readiness, until it is there again`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("name: shop\n" + Self.entities, to: "seaworthy.yaml")
        let strict = [
            "APP_ENV": "staging", "SECRET_KEYS": SettingsLoadTests.strongKey, "ADMIN_PORT": "0", "MIGRATE_ON_START": "true",
            "DATABASE_URL": "sqlite:\(folder.path)/shop.db",
        ]
        let planned = try await SeaworthyProcess.run(["migrate", "plan", "--name", "first"], in: folder.url, environment: strict)
        #expect(planned.status == 0, "\(planned.errors)")
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: strict)
        defer { process.send(SIGKILL) }
        let api = APIClient(address: address)
        #expect(
            try await api.get("/readyz?verbose").body.contains(
                #""migrations:pending":[{"status":"pass","observedValue":0,"observedUnit":"migrations""#))
        let file = URL(fileURLWithPath: "\(folder.path)/shop.db")
        _ = try await SQLiteShell.rows(
            "CREATE TABLE kept AS SELECT * FROM seaworthy_migrations; DELETE FROM seaworthy_migrations;", in: file)
        while try await api.get("/readyz").status == 200 { try await Task.sleep(for: .milliseconds(500)) }
        let away = try await api.get("/readyz?verbose")
        #expect(away.status == 503 && away.body.contains("is pending: run seaworthy migrate apply"))
        // What is there is served all the same.
        #expect(try await api.get("/v1/shelfs").status == 200)
        #expect(try await api.get("/livez").status == 200)
        _ = try await SQLiteShell.rows("INSERT INTO seaworthy_migrations SELECT * FROM kept", in: file)
        while try await api.get("/readyz").status == 503 { try await Task.sleep(for: .milliseconds(500)) }
        #expect(await process.stop().status == 0)
    }
}
