import SeaworthySchema

/// A schema file in which `⟨code⟩` stands before each place where a problem is expected.
struct MarkedSchema: Sendable, CustomStringConvertible {
    /// The text without the marks.
    let yaml: String
    /// `line:column code`, in the order of the file.
    let expected: [String]
    let description: String

    init(_ marked: String) {
        description = marked
        var yaml = ""
        var expected: [String] = []
        var code: String?
        var line = 1
        var column = 1
        for scalar in marked.unicodeScalars {
            switch scalar {
            case "⟨": code = ""
            case "⟩":
                expected.append("\(line):\(column) \(code ?? "")")
                code = nil
            default:
                if code != nil {
                    code?.unicodeScalars.append(scalar)
                    continue
                }
                yaml.unicodeScalars.append(scalar)
                (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
            }
        }
        self.yaml = yaml
        self.expected = expected
    }

    /// Codes that the marks name.
    var codes: [String] { expected.compactMap { $0.split(separator: " ").last.map(String.init) } }

    /// An entity `A` with these keys besides its fields.
    static func entity(_ keys: String, fields: String = "F: { type: string }") -> MarkedSchema {
        MarkedSchema("name: t\nentities:\n  A:\n    fields:\n      \(fields)\n    \(keys)\n")
    }

    /// An entity `A` with the key `id` that the server adds, and these fields.
    static func fields(_ fields: String...) -> MarkedSchema {
        MarkedSchema("name: t\nentities:\n  A:\n    fields:\n      \(fields.joined(separator: "\n      "))\n")
    }

    /// Entities, each on a line: `A: { … }`.
    static func entities(_ entities: String...) -> MarkedSchema {
        MarkedSchema("name: t\nentities:\n  \(entities.joined(separator: "\n  "))\n")
    }
}

/// The problems of a text, empty when it is a schema.
func problems(_ yaml: String) -> [SchemaProblem] {
    do throws(SchemaError) {
        _ = try SchemaParser.parse(yaml: yaml, file: "seaworthy.yaml")
        return []
    } catch {
        return error.problems
    }
}

/// `line:column code` of each problem.
func places(_ problems: [SchemaProblem]) -> [String] {
    problems.map { "\($0.line):\($0.column) \($0.code)" }
}

/// The schema of a text that has no problem.
func schema(_ marked: MarkedSchema) throws -> Schema {
    try SchemaParser.parse(yaml: marked.yaml, file: "seaworthy.yaml").schema
}

/// The first entity's field of that name.
func field(_ name: String, of marked: MarkedSchema) throws -> Field? {
    try schema(marked).entities.first?.fields.first { $0.name == name }
}
