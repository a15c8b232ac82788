import SeaworthyData
import SeaworthyHTTP
import SeaworthySQL
import SeaworthySQLite
import SeaworthySchema

/// `seaworthy openapi`: the document that the server would answer with, without opening the application's database.
package struct OpenAPIOperation: Sendable {
    private let schemaPath: String

    package init(schemaPath: String) {
        self.schemaPath = schemaPath
    }

    package func run() async throws -> String {
        let file = try Operations.schemaFile(schemaPath)
        let database = try await SQLiteDatabase.open(SQLiteSettings(.memory))
        let store = RecordStore(schema: file.schema, database: database, dialect: SQLiteDialect(), secretKeys: [])
        let document = OpenAPIDocument(store).json.indentedText
        await database.close()
        return document
    }
}
