import Foundation
import PostgresServing
import SeaworthySchema
import Testing

/// Servers of one PostgreSQL, as processes of their own.
@Suite(.timeLimit(.minutes(5))) struct `The leader of several servers` {
    private static let schema = """
        name: notes
        entities:
          Note:
            audit: { keep: 1d }
            fields: { Text: { type: string } }
            access: { anyone: { read: true, create: true } }
        """

    private static func leads(_ process: SeaworthyProcess) -> Bool { process.log.contains(#""message":"leads the scheduled jobs""#) }

    private static func until(_ isSo: () async throws -> Bool) async throws {
        while try await !isSo() { try await Task.sleep(for: .milliseconds(50)) }
    }

    private static let tooOld = """
        INSERT INTO seaworthy_audit (entity, key, action, at, changes) VALUES ('Note', 'x', 'create', now() - interval '2 days', '{}')
        """

    @Test func `does what is done for all, is followed at once when it stops, and behind its lease when it is killed`() async throws {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        let postgres = try await PostgresServer.running()
        let address = try await postgres.makeSchema()
        func serve() async throws -> SeaworthyProcess {
            try await SeaworthyProcess.serve(in: folder.url, environment: ["DATABASE_URL": address]).process
        }
        func old() async throws -> String {
            try await postgres.shell(at: address, "SELECT count(*) FROM seaworthy_audit").trimmingCharacters(in: .whitespacesAndNewlines)
        }
        // Makes the tables.
        #expect(try await serve().stop().status == 0)
        try await postgres.shell(at: address, Self.tooOld)
        let first = try await serve()
        try await Self.until { Self.leads(first) }
        try await Self.until { try await old() == "0" }
        try await postgres.shell(at: address, Self.tooOld)
        let second = try await serve()
        // It has asked: a server that follows asks when it starts.
        try await Task.sleep(for: .seconds(2))
        #expect(!Self.leads(second))
        #expect(try await old() == "1", "a server that follows did what the leader does")

        // Asked to stop, the first hands over; the lease would have gone on.
        #expect(await first.stop().status == 0)
        #expect(first.log.contains(#""reason":"released""#))
        try await Self.until { Self.leads(second) }
        try await Self.until { try await old() == "0" }

        let third = try await serve()
        try await postgres.shell(at: address, Self.tooOld)
        second.send(SIGKILL)
        _ = await second.ended()
        #expect(!Self.leads(third))
        #expect(try await old() == "1")
        // Half a minute later, at the latest after the next time that it asks.
        try await Self.until { Self.leads(third) }
        try await Self.until { try await old() == "0" }
        // Each was told a greater number than the one before.
        let numbers = try [first, second, third].map { server in
            try #require(server.log.firstMatch(of: /"fence":"?([0-9]+)/).flatMap { Int($0.1) })
        }
        #expect(numbers == numbers.sorted() && Set(numbers).count == 3, "\(numbers)")
        #expect(await third.stop().status == 0)
    }
}
