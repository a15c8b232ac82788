import Foundation
import SeaworthySQLite
import SeaworthyStorage
import StorageContract
import Testing

extension ContractDialect {
    static let sqlite = ContractDialect(
        integer: "INTEGER", double: "REAL", text: "TEXT", bytes: "BLOB", tableOptions: "STRICT", parameter: { "?\($0)" },
        endlessQuery: endlessSelect, withoutReferences: "PRAGMA foreign_keys = OFF")
}

@Suite struct SQLiteContractTests {
    @Test(arguments: StorageContract.checks)
    func `keeps the contract with a file`(check: StorageContract.Check) async throws {
        try await withDatabasePath { path async throws in
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            let subject = ContractSubject(dialect: .sqlite) { statementTimeout in
                var settings = SQLiteSettings(.file(folder.appendingPathComponent("\(UUID().uuidString).db").path))
                settings.statementTimeout = statementTimeout
                settings.poolTimeout = .seconds(60)
                settings.groupIdleTimeout = .seconds(60)
                return try await SQLiteDatabase.open(settings)
            }
            try await check.run(subject)
        }
    }

    @Test(arguments: StorageContract.checks)
    func `keeps the contract in memory`(check: StorageContract.Check) async throws {
        let subject = ContractSubject(dialect: .sqlite) { statementTimeout in
            var settings = SQLiteSettings(.memory)
            settings.statementTimeout = statementTimeout
            settings.poolTimeout = .seconds(60)
            settings.groupIdleTimeout = .seconds(60)
            return try await SQLiteDatabase.open(settings)
        }
        try await check.run(subject)
    }

    @Test func `the contract has its checks, each with a name of its own`() {
        #expect(StorageContract.checks.count == 40)
        #expect(Set(StorageContract.checks.map(\.name)).count == 40)
    }
}
