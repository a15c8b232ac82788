import Foundation
import NIOCore
import PostgresServing
import SeaworthyData
import SeaworthyMaintenance
import SeaworthyPostgres
import SeaworthyQuery
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Testing

/// The records of a schema on a real database: SQLite, or PostgreSQL where `SEAWORTHY_TEST_DATABASE=postgres` says so. The same tests hold on
/// both.
struct TestStore {
    /// 2024-07-04T12:30:00Z in microseconds.
    static let now: Int64 = 1_720_096_200_000_000
    /// Everyone may do everything.
    static let open = "access: { anyone: { read: true, create: true, update: true, delete: true } }"
    static let secretKeys: [[UInt8]] = [Array(repeating: 7, count: 32)]
    static let isOnPostgres = ProcessInfo.processInfo.environment["SEAWORTHY_TEST_DATABASE"] == "postgres"

    let database: any Database
    let dialect: any Dialect
    let records: RecordStore
    private let sql: PortableSQL
    private let closing: ClosingDatabase

    /// - Parameters:
    ///   - entities: the YAML below `entities:`, without indentation.
    ///   - location: of an SQLite database, which the test then runs on in any case.
    init(
        _ entities: String, preamble: String = "", at location: SQLiteSettings.Location? = nil,
        secretKeys: [[UInt8]] = Self.secretKeys
    ) async throws {
        let schema = try Self.schema(entities, preamble: preamble)
        (database, dialect) = try await Self.openDatabase(location)
        closing = ClosingDatabase(database)
        sql = PortableSQL(SystemSchema.extending(schema), dialect)
        _ = try await SchemaStore(database, dialect: dialect).apply(SystemSchema.extending(schema), now: Self.now)
        records = RecordStore(schema: schema, database: database, dialect: dialect, secretKeys: secretKeys)
    }

    private static func openDatabase(_ location: SQLiteSettings.Location?) async throws -> (any Database, any Dialect) {
        // Patient, so that no test depends on how busy the machine is.
        guard isOnPostgres, location == nil else {
            var settings = SQLiteSettings(location ?? .memory)
            settings.poolTimeout = .seconds(60)
            settings.groupIdleTimeout = .seconds(60)
            return (try await SQLiteDatabase.open(settings), SQLiteDialect())
        }
        var settings = PostgresSettings(try await PostgresServer.running().makeSchema())
        settings.pool.waitTimeout = .seconds(60)
        settings.pool.size = 4
        settings.statementTimeout = .seconds(120)
        settings.retryTime = .seconds(60)
        return (try await PostgresDatabase.open(settings), PostgresDialect())
    }

    static func schema(_ entities: String, preamble: String = "") throws -> Schema {
        let lines = entities.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
        return try SchemaParser.parse(yaml: "name: test\n\(preamble)entities:\n" + lines.joined(separator: "\n"), file: "test.yaml").schema
    }

    func collection(_ name: String) throws -> RecordCollection {
        try #require(records.collection(named: name))
    }

    // MARK: Requests, answered as text

    @discardableResult
    func create(_ entity: String, _ json: String, as caller: Caller = .anonymous, now: Int64 = Self.now) async throws -> String {
        try await created(entity, json, as: caller, now: now).body.text
    }

    func created(_ entity: String, _ json: String, as caller: Caller = .anonymous, now: Int64 = Self.now) async throws -> StoredRecord {
        try await collection(entity).create(try JSONParser.parse(json), WriteRequest(caller, now: now))
    }

    func read(_ entity: String, _ key: String..., select: String? = nil, include: String? = nil, as caller: Caller = .anonymous)
        async throws -> String
    {
        let items = [("select", select), ("include", include)].compactMap { name, value in value.map { (name, $0) } }
        return try await collection(entity).read(key: key, query: items, as: caller).body.text
    }

    @discardableResult
    func update(_ entity: String, _ key: String..., patch: String, as caller: Caller = .anonymous, now: Int64 = Self.now) async throws
        -> String
    {
        try await collection(entity).update(key: key, try JSONParser.parse(patch), WriteRequest(caller, now: now)).body.text
    }

    func delete(_ entity: String, _ key: String..., as caller: Caller = .anonymous, now: Int64 = Self.now) async throws {
        try await collection(entity).delete(key: key, WriteRequest(caller, now: now))
    }

    func page(_ entity: String, _ query: KeyValuePairs<String, String> = [:], as caller: Caller = .anonymous) async throws -> RecordPage {
        try await collection(entity).list(query: query.map { ($0.key, $0.value) }, as: caller)
    }

    func list(_ entity: String, _ query: KeyValuePairs<String, String> = [:], as caller: Caller = .anonymous) async throws -> String {
        try await page(entity, query, as: caller).body.text
    }

    // MARK: Past the server

    /// - Parameter onPostgres: the statement for PostgreSQL, where it is more than other quotation marks.
    func run(_ sql: String, onPostgres: String? = nil) async throws {
        let text = (Self.isOnPostgres ? onPostgres : nil) ?? sql
        _ = try await database.transaction(.write) { try await $0.execute(Statement(self.sql.translated(text))) }
    }

    func rows(_ sql: String) async throws -> [[Value]] {
        try await database.query(Statement(self.sql.translated(sql)), into: ValueRows())
    }

    func count(_ table: String) async throws -> Int {
        guard case .integer(let number)? = try await rows("SELECT count(*) FROM \(table)").first?.first else { return -1 }
        return Int(number)
    }

    /// Fills a table with one step of the driver's.
    func fill(_ sql: String, _ rows: [[Value]]) async throws {
        let refused = try await database.transaction(.write) { transaction in
            try await transaction.executeBatch(
                SQLText(self.sql.translated(sql)), values: rows.flatMap(\.self), width: rows.first?.count ?? 0, continuesOnError: false)
        }
        #expect(refused.isEmpty)
    }
}

extension ByteBuffer {
    var text: String { String(decoding: readableBytesView, as: UTF8.self) }
}

/// What a request was refused with, a line for the error and one for each problem; «done» when it was not.
func refusal<Result>(_ request: () async throws -> Result) async -> String {
    do {
        _ = try await request()
        return "done"
    } catch let error as RecordError {
        return (["\(error.code): \(error.detail)"] + error.problems.map { "\($0.pointer) \($0.code): \($0.detail)" }).joined(
            separator: "\n")
    } catch let error as QueryProblems {
        return error.problems.map { "\($0.parameter) \($0.code): \($0.detail)" }.joined(separator: "\n")
    } catch let error as StorageError {
        return "\(error.code)"
    } catch {
        return "\(error)"
    }
}

/// Closes a database with the last one who holds this.
private final class ClosingDatabase: Sendable {
    private let database: any Database

    init(_ database: any Database) {
        self.database = database
    }

    deinit {
        Task { [database] in await database.close() }
    }
}
