package import SeaworthySchema

/// A statement ready to run: its text and the values for its parameters `?1`, `?2`, … in order.
///
/// Values never become part of the text.
package struct Statement: Sendable {
    package var sql: SQLText
    package var parameters: [Value]

    package init(_ sql: SQLText, _ parameters: [Value] = []) {
        self.sql = sql
        self.parameters = parameters
    }

    /// A statement whose text is used once, or so seldom that finding it again by its identity does not matter.
    package init(_ text: String, _ parameters: [Value] = []) {
        self.init(SQLText(text), parameters)
    }
}
