import Foundation
import HTTPTypes
import HummingbirdCore
import SeaworthyData
import SeaworthyHTTP
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema
import Testing

@Suite struct `The OpenAPI document and the router` {
    /// Routes that are no data: the page for browsers.
    private static let notDocumented: Set<String> = [
        "getDocs", "getDocsStyle", "getDocsScript", "getVerifyPage", "getResetPage", "getAccountStyle", "getAccountScript",
    ]

    private static func table(_ yaml: String) async throws -> (routes: [Route], document: DocumentedAPI) {
        let schema = try SchemaParser.parse(yaml: yaml, file: "test.yaml").schema
        let database = try await SQLiteDatabase.open(SQLiteSettings(.memory))
        let store = RecordStore(schema: schema, database: database, dialect: SQLiteDialect(), secretKeys: [])
        let keys: [[UInt8]] = [Array(repeating: 7, count: 32)]
        let identities = Identities(
            schema, database: database, dialect: SQLiteDialect(), secretKeys: keys, signingKeys: SigningKeys(secretKeys: keys),
            settings: IdentitySettings(), send: { _ in })
        let table = try Routes.table(
            store: store, people: (identities, BrowserSessions(secretKeys: [], settings: IdentitySettings())),
            health: HealthRoutes(state: HealthState(), probes: [])
        ) { 0 }
        let document = DocumentedAPI(OpenAPIDocument(store).json)
        await database.close()
        return (table.routes, document)
    }

    private static func name(_ method: String, _ path: String, _ operation: String) -> String { "\(method) \(path) \(operation)" }

    @Test(arguments: ["everything", "example"])
    func `have the same operations`(schema: String) async throws {
        let yaml =
            schema == "everything"
            ? EverythingServer.schema
            : try String(contentsOf: ExampleServer.example.appendingPathComponent("seaworthy.yaml"), encoding: .utf8)
        let (routes, document) = try await Self.table(yaml)
        let routed = Set(
            // What is for nobody but an administrator is not told.
            routes.filter { !Self.notDocumented.contains($0.operation) && !$0.operation.hasSuffix("Secret") }
                .map { Self.name($0.method.rawValue, $0.path, $0.operation) })
        let documented = Set(document.operations.map { Self.name($0.method, $0.path, $0.id) })
        #expect(documented.subtracting(routed) == [])
        #expect(routed.subtracting(documented) == [])
        #expect(document.operations.count == documented.count)
        #expect(Self.notDocumented.isSubset(of: routes.map(\.operation)))
    }

    @Test func `have a document that grows with its entities and stays small`() async throws {
        let field = "{ type: string, max: 40 }"
        let entities = (0..<100).map { number in
            """
              E\(number):
                key: ID
                fields:
                  ID: { type: integer, generated: true }
                  Name: { type: string, required: true, max: 80, search: 1 }
                  ParentID: { references: E\(max(0, number - 1)), as: parent, inverse: children\(number), onDelete: setNull, index: true }
            \((0..<8).map { "      F\($0): \(field)" }.joined(separator: "\n"))
                access: { anyone: { read: true, create: true, update: true, delete: true } }
            """
        }
        let (_, document) = try await Self.table("name: hundred\nentities:\n" + entities.joined(separator: "\n"))
        // About 21 KB an entity of eleven fields, and 500 bytes of it compressed: what is the same for all stands once.
        #expect(document.json.compactText.utf8.count < 2_100_000)
    }
}
