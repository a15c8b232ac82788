import SeaworthySchema

/// What a command tells of what it did.
package struct OperationReport: Sendable {
    /// For people.
    package var text: String
    package var json: String

    init(_ text: String, _ json: JSONValue) {
        self.text = text
        self.json = json.indentedText
    }
}
