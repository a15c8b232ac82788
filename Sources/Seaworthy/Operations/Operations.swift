import SeaworthySchema

/// What every command starts with, its errors in terms of what the user wrote.
enum Operations {
    static func schemaFile(_ path: String) throws -> SchemaFile {
        do {
            return try SchemaFile(path: path)
        } catch let error as SchemaError {
            throw OperationFailure("the schema has \(error.problems.count) problem(s):\n\(error)")
        }
    }

    static func settings(logDescriptor: Int32, makesKeys: Bool = true) throws -> Settings {
        do {
            return try Settings.loadFromProcess(logDescriptor: logDescriptor, makesKeys: makesKeys)
        } catch {
            throw OperationFailure("\(error)")
        }
    }
}
