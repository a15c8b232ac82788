import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import SeaworthyData
import SeaworthyHTTP
import SeaworthyMaintenance
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import SeaworthyStorage
import Testing

/// Every caller on every route of every entity, against what the table of rights says. A route that has no line in ``Operation`` fails.
@Suite struct `Access to every route` {
    /// What a role may do with an entity's records, in the words of the schema.
    private static let rights: [String: [String: Set<String>]] = [
        "Open": ["anyone": ["read", "create", "update", "delete", "restore", "purge", "history"]],
        "Readable": ["anyone": ["read"], "staff": ["update"], "boss": ["create", "update", "delete", "restore", "purge", "history"]],
        "Signed": ["authenticated": ["read", "create"], "staff": ["history", "delete"]],
        "Drop": ["anyone": ["create"], "boss": ["read"]],
        "Writable": ["staff": ["update", "delete", "restore", "purge", "history"]],
        "Locked": [:],
    ]

    private static let callers: [(name: String, caller: Caller)] = [
        ("anonymous", .anonymous), ("user", Caller(user: .init(id: "u"))), ("staff", Caller(user: .init(id: "s"), roles: ["staff"])),
        ("boss", Caller(user: .init(id: "b"), roles: ["boss"])), ("both", Caller(user: .init(id: "2"), roles: ["boss", "staff"])),
        ("stranger", Caller(user: .init(id: "x"), roles: ["nothing"])), ("admin", Caller(user: .init(id: "a"), roles: ["admin"])),
    ]

    /// What a route needs, and how it is asked.
    private struct Operation {
        /// The rights of which the caller needs every one; of the first that is missing the answer tells.
        var needs: [String]
        var success: Int
        var body: String?
        var query = ""
    }

    private static func operation(_ route: Route, of entity: String) -> Operation? {
        switch route.operation.dropLast(entity.count) {
        case "list": Operation(needs: ["read"], success: 200)
        case "read": Operation(needs: ["read"], success: 200)
        case "query": Operation(needs: ["read"], success: 200, body: "{}")
        case "aggregate": Operation(needs: ["read"], success: 200, query: "?measures=count")
        case "history": Operation(needs: ["read", "history"], success: 200)
        case "create": Operation(needs: ["create"], success: 201, body: #"{"N":1}"#)
        case "import": Operation(needs: ["create"], success: 200, body: #"[{"N":1}]"#)
        case "put": Operation(needs: ["read", "update"], success: 200, body: #"{"N":2}"#)
        case "update": Operation(needs: ["read", "update"], success: 200, body: #"{"N":3}"#)
        case "delete": Operation(needs: ["read", "delete"], success: 204)
        case "restore": Operation(needs: ["read", "restore"], success: 200)
        default: nil
        }
    }

    private static func schema() throws -> Schema {
        let entities = rights.sorted { $0.key < $1.key }.map { name, roles in
            let access = roles.map { role, rights in
                "\(role): { \(rights.sorted().map { "\($0): true" }.joined(separator: ", ")) }"
            }
            return """
                  \(name):
                    path: \(name.lowercased())
                    softDelete: true
                    audit: true
                    fields: { id: { type: integer, generated: true }, N: { type: integer } }
                    key: id
                    access: { \(access.sorted().joined(separator: ", ")) }
                """
        }
        return try SchemaParser.parse(yaml: "name: t\nentities:\n" + entities.joined(separator: "\n"), file: "t").schema
    }

    /// The rights that a caller has, all roles together.
    private static func rights(of caller: Caller, on entity: String) -> Set<String> {
        if caller.isAdministrator { return ["read", "create", "update", "delete", "restore", "purge", "history"] }
        return (rights[entity] ?? [:]).filter { caller.has($0.key) }.values.reduce(into: []) { $0.formUnion($1) }
    }

    @Test func `is what the roles of the caller give together, and nothing else`() async throws {
        let schema = try Self.schema()
        let database = try await SQLiteDatabase.open(SQLiteSettings(.memory))
        _ = try await SchemaStore(database, dialect: SQLiteDialect()).apply(SystemSchema.extending(schema), now: 0)
        let store = RecordStore(schema: schema, database: database, dialect: SQLiteDialect(), secretKeys: [Array(repeating: 1, count: 32)])
        let table = try Routes.table(store: store, health: HealthRoutes(state: HealthState(), probes: []), now: { 0 })
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var asked = 0
        for (name, caller) in Self.callers {
            let pipeline = RequestPipeline(
                routes: table, problemMapping: ProblemMapping.mapping(logger: logger), identify: { $0.caller = caller }, logger: logger)
            for route in table.routes where route.path.hasPrefix("/v1/") && route.operation != "batch" {
                let entity = try #require(schema.entities.first { route.path.split(separator: "/")[1] == $0.path }, "\(route.path)")
                let operation = try #require(Self.operation(route, of: entity.name), "no line for \(route.operation)")
                let isRestore = route.operation.hasPrefix("restore")
                let id = try await Self.record(of: entity, isDeleted: isRestore, in: database)
                let target = route.path.replacing("{key}", with: "\(id)") + operation.query
                let headers: HTTPHeaders = operation.body == nil ? [:] : ["Content-Type": "application/json"]
                let exchange = HTTPExchange(
                    route.method, target, headers: headers, body: operation.body.map { ByteBuffer(string: $0) } ?? ByteBuffer())
                let answer = await pipeline.answer(exchange)
                let rights = Self.rights(of: caller, on: entity.name)
                let status = answer.response.status.code
                #expect(status == Self.expected(operation, rights, caller, route.operation), "\(name) \(route.method) \(target)")
                #expect(answer.routeTemplate == route.path)
                asked += 1
                if route.operation.hasPrefix("delete") {
                    // For good, which is another right.
                    let id = try await Self.record(of: entity, isDeleted: true, in: database)
                    let purge = await pipeline.answer(HTTPExchange(.delete, route.path.replacing("{key}", with: "\(id)") + "?purge=true"))
                    let expected = Self.expected(Operation(needs: ["read", "purge"], success: 204), rights, caller, "purge")
                    #expect(purge.response.status.code == expected, "\(name) purge \(entity.name)")
                    let deleted = await pipeline.answer(HTTPExchange(.get, "/v1/\(entity.path)?deleted=only"))
                    let seen = Self.expected(Operation(needs: ["read", "delete"], success: 200), rights, caller, "deleted")
                    #expect(deleted.response.status.code == seen, "\(name) deleted \(entity.name)")
                }
            }
        }
        #expect(asked == Self.callers.count * table.routes.count { $0.path.hasPrefix("/v1/") && $0.operation != "batch" })
        await database.close()
    }

    /// 401 for whoever has not signed in and may not read, 403 for everyone else who lacks a right.
    private static func expected(_ operation: Operation, _ rights: Set<String>, _ caller: Caller, _ name: String) -> Int {
        if name.hasPrefix("put"), rights.contains("create") {
            // It exists: who may not see it learns that its key is taken, which a key tells anyway.
            guard rights.contains("read") else { return 409 }
            return rights.contains("update") ? 200 : 403
        }
        guard operation.needs.allSatisfy(rights.contains) else { return rights.contains("read") || caller.user != nil ? 403 : 401 }
        return operation.success
    }

    /// A record of its own for each request.
    private static func record(of entity: Entity, isDeleted: Bool, in database: SQLiteDatabase) async throws -> Int64 {
        try await database.transaction(.write) { transaction in
            let rows = try await transaction.query(
                Statement("INSERT INTO \"\(entity.table)\" (N, deletedAt) VALUES (0, ?1) RETURNING id", [isDeleted ? .integer(1) : .null]),
                into: RowsOfValues())
            return rows.first ?? 0
        }
    }

    @Test func `holds for each operation of a batch`() async throws {
        let schema = try Self.schema()
        let database = try await SQLiteDatabase.open(SQLiteSettings(.memory))
        _ = try await SchemaStore(database, dialect: SQLiteDialect()).apply(SystemSchema.extending(schema), now: 0)
        let store = RecordStore(schema: schema, database: database, dialect: SQLiteDialect(), secretKeys: [Array(repeating: 1, count: 32)])
        for (name, caller) in Self.callers {
            for entity in schema.entities {
                let records = try #require(store.collection(named: entity.name))
                let rights = Self.rights(of: caller, on: entity.name)
                let id = String(try await Self.record(of: entity, isDeleted: false, in: database))
                let deleted = String(try await Self.record(of: entity, isDeleted: true, in: database))
                let operations: [(BatchOperation, [String])] = [
                    (BatchOperation(records, .read(key: [id])), ["read"]), (BatchOperation(records, .create, body: ["N": 1]), ["create"]),
                    (BatchOperation(records, .update(key: [id]), body: ["N": 1]), ["read", "update"]),
                    (BatchOperation(records, .restore(key: [deleted])), ["read", "restore"]),
                    (BatchOperation(records, .delete(key: [id], isPurge: false)), ["read", "delete"]),
                    (BatchOperation(records, .delete(key: [id], isPurge: true)), ["read", "purge"]),
                ]
                for (operation, needs) in operations {
                    let isAllowed = needs.allSatisfy(rights.contains)
                    do {
                        _ = try await store.batch([operation], WriteRequest(caller, now: 0))
                        #expect(isAllowed, "\(name) \(entity.name) \(operation.action)")
                    } catch let error as BatchError {
                        let code = (error.underlying as? RecordError)?.code
                        #expect(
                            !isAllowed && (code == .forbidden || code == .unauthenticated),
                            "\(name) \(entity.name) \(operation.action): \(error)")
                    }
                }
            }
        }
        await database.close()
    }
}
