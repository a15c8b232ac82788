import SeaworthyData
import SeaworthyStorage

extension Operations {
    /// Runs a command's work with the identities of the application's database, past the server.
    static func withIdentities<Result: Sendable>(
        schemaPath: String, _ body: (Identities) async throws -> Result
    ) async throws -> Result {
        let schema = try schemaFile(schemaPath).schema
        let settings = try settings(logDescriptor: 2)
        let opened = try await OpenedDatabase.open(settings, schema: schema, migrations: MigrationFiles(besideSchema: schemaPath))
        return try await opened.database.closing {
            do {
                return try await body(try await Identities.open(settings, opened, send: { _ in }))
            } catch let error as IdentityError {
                let problems = error.problems.map { "\n  - \($0.pointer.dropFirst()) \($0.detail)" }.joined()
                throw OperationFailure(error.detail + problems)
            } catch let error as StorageError {
                throw OperationFailure("the database refused: \(error.message)")
            }
        }
    }
}
