import FoundationEssentials
package import SeaworthySchema

/// The schema file of an application.
package struct SchemaFile: Sendable {
    /// The largest file that is read, in bytes.
    static let maximumBytes = 1024 * 1024

    package let schema: Schema
    /// What is not wrong but will be slow.
    package let warnings: [SchemaProblem]

    /// - Throws: ``SchemaError`` with every problem, or ``OperationFailure`` when the file cannot be read.
    package init(path: String) throws {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            throw OperationFailure(
                "there is no schema file at \(path). Fix: name one with --schema FILE, or run in the application's folder")
        } catch {
            throw OperationFailure(
                "the schema file \(path) cannot be read: \(Self.reason(error)). Fix: check that it is a file and may be read")
        }
        guard data.count <= Self.maximumBytes else {
            throw OperationFailure(
                "the schema file \(path) has \(data.count) bytes, more than \(Self.maximumBytes). Fix: name another with --schema FILE")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw OperationFailure("the schema file \(path) is not UTF-8. Fix: save it as UTF-8")
        }
        (schema, warnings) = try SchemaParser.parse(yaml: text, file: path)
    }

    private static func reason(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .fileReadNoPermission?: "permission denied"
        case .fileReadInvalidFileName?: "the name is not valid"
        default: "it is a folder or a damaged file"
        }
    }
}
