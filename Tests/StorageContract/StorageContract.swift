import SeaworthySQL
import SeaworthySchema
package import SeaworthyStorage

/// What every driver owes, as named checks: each driver's tests run all of them.
package enum StorageContract {
    /// One promise. It throws when the driver does not keep it.
    package struct Check: Sendable, CustomStringConvertible {
        package let name: String
        package let run: @Sendable (ContractSubject) async throws -> Void

        package var description: String { name }
    }

    package static let checks: [Check] = values + transactions + sessions + constraints + batches + interruptions
}

/// A driver under test, and how its database wants things said.
package struct ContractSubject: Sendable {
    /// Makes a fresh, empty database that interrupts statements after the given time. Each call makes another one.
    package var open: @Sendable (_ statementTimeout: Duration) async throws -> any Database
    package var dialect: ContractDialect

    package init(dialect: ContractDialect, open: @escaping @Sendable (_ statementTimeout: Duration) async throws -> any Database) {
        self.dialect = dialect
        self.open = open
    }

    /// Opens a database, makes the tables, hands it over and closes it.
    func withDatabase(
        statementTimeout: Duration = .seconds(60), tables: [String] = [], _ body: @Sendable (any Database) async throws -> Void
    ) async throws {
        let database = try await open(statementTimeout)
        do {
            try await database.transaction(.write) { transaction in
                for table in tables { try await transaction.execute(Statement(table)) }
            }
            try await body(database)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }
}

/// Where the SQL of two databases differs in what the checks need.
package struct ContractDialect: Sendable {
    package var integer: String
    package var double: String
    package var text: String
    package var bytes: String
    /// What follows the closing parenthesis of CREATE TABLE.
    package var tableOptions: String
    /// How parameter 1, 2, … is written.
    package var parameter: @Sendable (Int) -> String
    /// A SELECT of one integer column that would run for hours.
    package var endlessQuery: String
    /// What a connection is told to take references that point at nothing.
    package var withoutReferences: String

    package init(
        integer: String, double: String, text: String, bytes: String, tableOptions: String,
        parameter: @escaping @Sendable (Int) -> String, endlessQuery: String, withoutReferences: String
    ) {
        self.integer = integer
        self.double = double
        self.text = text
        self.bytes = bytes
        self.tableOptions = tableOptions
        self.parameter = parameter
        self.endlessQuery = endlessQuery
        self.withoutReferences = withoutReferences
    }

    func table(_ name: String, _ columns: String...) -> String {
        "CREATE TABLE \"\(name)\" (\(columns.joined(separator: ", "))) \(tableOptions)"
    }

    /// `INSERT INTO` a table with a parameter for each column.
    func insert(_ table: String, columns: Int) -> SQLText {
        SQLText("INSERT INTO \"\(table)\" VALUES (\((1...columns).map(parameter).joined(separator: ", ")))")
    }
}

/// A promise that was not kept.
package struct ContractFailure: Error, CustomStringConvertible {
    package let description: String
}

func expect(_ condition: Bool, _ message: @autoclosure () -> String, line: Int = #line) throws {
    if !condition { throw ContractFailure(description: "\(message()) (line \(line))") }
}

func expectEqual<T: Equatable>(_ found: T, _ expected: T, _ what: String = "", line: Int = #line) throws {
    try expect(found == expected, "\(what) is \(found), not \(expected)", line: line)
}

/// The ``StorageError`` that `body` throws.
func refusal(line: Int = #line, _ body: () async throws -> Void) async throws -> StorageError {
    do {
        try await body()
    } catch let error as StorageError {
        return error
    } catch {
        throw ContractFailure(description: "it threw \(error), not a StorageError (line \(line))")
    }
    throw ContractFailure(description: "it was not refused (line \(line))")
}

extension Database {
    func rows(_ sql: String, _ parameters: [Value] = []) async throws -> [[Value]] {
        try await query(Statement(sql, parameters), into: ValueRows())
    }

    func count(_ table: String) async throws -> Int64 {
        guard case .integer(let count) = try await rows("SELECT count(*) FROM \"\(table)\"").first?.first else {
            throw ContractFailure(description: "count(*) is no integer")
        }
        return count
    }
}

extension DatabaseTransaction {
    func rows(_ sql: String, _ parameters: [Value] = []) async throws -> [[Value]] {
        try await query(Statement(sql, parameters), into: ValueRows())
    }
}
