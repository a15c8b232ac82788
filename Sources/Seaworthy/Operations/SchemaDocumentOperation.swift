import SeaworthySchema

/// `seaworthy schema diagram` and `seaworthy schema docs`: the model for people, from the schema file alone.
package struct SchemaDocumentOperation: Sendable {
    package enum Kind: Sendable {
        /// An entity relationship diagram in Mermaid.
        case diagram
        /// A Markdown document.
        case docs
    }

    private let kind: Kind
    private let schemaPath: String

    package init(_ kind: Kind, schemaPath: String) {
        self.kind = kind
        self.schemaPath = schemaPath
    }

    package func run() throws -> String {
        let schema = try Operations.schemaFile(schemaPath).schema
        return switch kind {
        case .diagram: MermaidDiagram(schema).text
        case .docs: SchemaMarkdown(schema).text
        }
    }
}
