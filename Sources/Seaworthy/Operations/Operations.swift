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

    /// Throws where the schema has no such entity, with the name that may have been meant.
    static func requireEntity(_ name: String, in schema: Schema, of path: String) throws {
        guard schema.entity(named: name) == nil else { return }
        let names = schema.entities.map(\.name)
        let fix = names.nearest(to: name).map { "did you mean «\($0)»?" } ?? "known are \(names.joined(separator: ", "))"
        throw OperationFailure("«\(name)» is not an entity of \(path). Fix: \(fix)")
    }

    static func settings(logDescriptor: Int32, makesKeys: Bool = true) throws -> Settings {
        do {
            return try Settings.loadFromProcess(logDescriptor: logDescriptor, makesKeys: makesKeys)
        } catch {
            throw OperationFailure("\(error)")
        }
    }
}
