import PostgresServing
import SeaworthyPostgres
import SeaworthyStorage
import StorageContract
import Testing

extension ContractDialect {
    static let postgres = ContractDialect(
        integer: "bigint", double: "double precision", text: "text COLLATE \"C\"", bytes: "bytea", tableOptions: "",
        parameter: { "$\($0)" },
        endlessQuery: "SELECT count(*) FROM generate_series(1, 100000000000) a",
        withoutReferences: "SET session_replication_role = replica")
}

@Suite struct PostgresContractTests {
    @Test(arguments: StorageContract.checks)
    func `keeps the contract`(check: StorageContract.Check) async throws {
        let server = try await PostgresServer.running()
        let subject = ContractSubject(dialect: .postgres) { statementTimeout in
            var settings = PostgresSettings(try await server.makeDatabase())
            settings.statementTimeout = statementTimeout
            settings.pool.waitTimeout = .seconds(60)
            settings.retryTime = .seconds(60)
            return try await PostgresDatabase.open(settings)
        }
        try await check.run(subject)
    }
}
