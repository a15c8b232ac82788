import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import RedisServing
import SeaworthyData
import SeaworthyHTTP
import SeaworthyMaintenance
import SeaworthyRedis
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import Seaworthy

/// The routes of two servers over one Redis.
@Suite(.timeLimit(.minutes(2))) struct SharedLocksTests {
    private static let yaml = """
        name: shop
        entities:
          Order:
            key: id
            fields: { id: { type: integer, generated: true } }
            access: { authenticated: { read: true, create: true, update: true } }
        """
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A server whose callers are whom they say they are.
    private static func server(_ store: RecordStore, _ locks: any LockStore) throws -> RequestPipeline {
        let keys: [[UInt8]] = [Array(repeating: 7, count: 32)]
        let identities = Identities(
            store.schema, database: store.database, dialect: SQLiteDialect(), secretKeys: keys, signingKeys: SigningKeys(secretKeys: keys),
            settings: IdentitySettings(), send: { _ in })
        let table = try Routes.table(
            store: store, people: (identities, BrowserSessions(secretKeys: [], settings: IdentitySettings())),
            health: HealthRoutes(state: HealthState(), probes: []), locks: locks
        ) { WallClock.microseconds() }
        return RequestPipeline(
            routes: table, problemMapping: ProblemMapping.mapping(logger: logger),
            identify: { exchange in exchange.caller = Caller(user: Caller.User(id: exchange.header("x-name") ?? "?")) }, logger: logger)
    }

    private static func lock(_ server: RequestPipeline, _ entity: String = "Order", as name: String) async -> Response {
        await server.answer(
            HTTPExchange(
                .post, "/v1/locks", headers: ["Content-Type": "application/json", "X-Name": name],
                body: ByteBuffer(string: #"{"entity":"\#(entity)","id":"1"}"#))
        ).response
    }

    @Test func `lock no record of a view, which nobody edits`() async throws {
        let yaml =
            Self.yaml + """

                  Report:
                    key: id
                    readOnly: true
                    fields: { id: { type: integer } }
                    access: { authenticated: { read: true } }
                """
        let schema = try SchemaParser.parse(yaml: yaml, file: "test.yaml").schema
        let database = try await SQLiteDatabase.open(SQLiteSettings(.memory))
        let store = RecordStore(schema: schema, database: database, dialect: SQLiteDialect(), secretKeys: [])
        let response = await Self.lock(try Self.server(store, MemoryLocks(now: { 0 })), "Report", as: "ann")
        #expect(response.status == .unprocessableContent)
        await database.close()
    }

    @Test func `lock for one another, and without Redis not at all`() async throws {
        let redis = try await RedisServer.start()
        let client = try RedisClient(try RedisAddress.parse(redis.address), logger: Self.logger)
        let running = Task { await client.run() }
        await client.started()
        let schema = try SchemaParser.parse(yaml: Self.yaml, file: "test.yaml").schema
        let database = try await SQLiteDatabase.open(SQLiteSettings(.memory))
        _ = try await SchemaStore(database, dialect: SQLiteDialect()).apply(SystemSchema.extending(schema), now: 0)
        let store = RecordStore(schema: schema, database: database, dialect: SQLiteDialect(), secretKeys: [])
        _ = try await database.transaction(.write) { transaction in
            try await transaction.execute(Statement("INSERT INTO \"\(schema.entities[0].table)\" (id) VALUES (1)"))
        }
        let locks = RedisLocks(client, application: schema.name)
        let (one, other) = (try Self.server(store, locks), try Self.server(store, locks))
        #expect(await Self.lock(one, as: "ann").status == .created)
        #expect(await Self.lock(other, as: "bob").status == .conflict)
        #expect(await Self.lock(other, as: "ann").status == .ok)
        redis.stop()
        while client.status.isUp { try await Task.sleep(for: .milliseconds(5)) }
        let refused = await Self.lock(one, as: "ann")
        #expect(refused.status == .serviceUnavailable)
        #expect(refused.headers[.retryAfter] == "5")
        running.cancel()
        await running.value
        await database.close()
    }
}
