import SeaworthySQL
import SeaworthyStorage
import Testing

@testable import Seaworthy
@testable import SeaworthyHTTP

@Suite struct `Replicas, as operators are told of them` {
    /// Knows of its replicas, and nothing else.
    private struct Database: SeaworthyStorage.Database {
        let replicas: [ReplicaCondition]

        func query<Reader: RowReader>(_ statement: Statement, into reader: Reader) async throws -> Reader.Output {
            throw CancellationError()
        }
        func transaction<Result: Sendable>(
            _ mode: TransactionMode, _ body: @Sendable (any DatabaseTransaction) async throws -> Result
        ) async throws -> Result { throw CancellationError() }
        func session<Result: Sendable>(_ body: @Sendable (any DatabaseSession) async throws -> Result) async throws -> Result {
            throw CancellationError()
        }
        func probe() async throws {}
        func close() async {}
    }

    @Test func `are well while reads go to them, and have their lag in seconds`() async throws {
        #expect(DependencyProbes.replicas(Database(replicas: [])) == nil)
        let replica = ReplicaCondition(name: "replica-1", lag: .zero, isUsed: true)
        let probe = try #require(
            DependencyProbes.replicas(
                Database(replicas: [
                    ReplicaCondition(name: "replica-1", lag: .milliseconds(250), isUsed: true),
                    ReplicaCondition(name: "replica-2", lag: .seconds(7), isUsed: false),
                    ReplicaCondition(name: "replica-3", lag: nil, isUsed: false),
                ])))
        // Also behind what makes spans of statements.
        #expect(DependencyProbes.replicas(TracedDatabase(Database(replicas: [replica]), system: "postgresql")) != nil)
        let found = try await probe.observe()
        #expect(found.map(\.name) == Array(repeating: "postgres:replicationLag", count: 3))
        #expect(found.map(\.component) == ["replica-1", "replica-2", "replica-3"])
        #expect(found.map(\.status) == [.pass, .warn, .warn])
        #expect(found.map(\.value) == [.number(0.25), .number(7), nil] && found.map(\.unit) == ["s", "s", nil])
        #expect(
            found[0].output == nil && found[1].output?.contains("too far behind") == true
                && found[2].output?.contains("does not answer") == true)
        #expect(!probe.isRequired)
    }
}
