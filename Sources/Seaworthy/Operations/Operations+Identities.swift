import SeaworthyData
import SeaworthySchema
import SeaworthyStorage

extension Operations {
    /// Opens the application's identities past the server, and closes them again. What is refused is told to people.
    static func identities<Result: Sendable>(
        schemaPath: String, _ body: (Identities) async throws -> Result
    ) async throws -> Result {
        let schema = try schemaFile(schemaPath).schema
        let settings = try settings(logDescriptor: 2)
        let opened = try await OpenedDatabase.open(settings, schema: schema, migrations: MigrationFiles(besideSchema: schemaPath))
        return try await opened.database.closing {
            do {
                return try await SecurityActor.$current.withValue(SecurityActor(.command)) {
                    try await body(Identities.open(settings, opened, send: { _ in }))
                }
            } catch let error as IdentityError {
                let problems = error.problems.map { "\n  - \($0.pointer.dropFirst()) \($0.detail)" }.joined()
                throw OperationFailure(error.detail + problems)
            } catch let error as StorageError {
                throw OperationFailure("the database refused: \(error.message)")
            }
        }
    }
}
