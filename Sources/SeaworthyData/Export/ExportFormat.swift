/// The forms in which a list of records is written whole.
package enum ExportFormat: Sendable, Hashable {
    /// RFC 4180 with a header row, UTF-8: null is an empty cell, the empty string one in quotes. Reads back as ``ImportFormat/csv``.
    case csv(CSVOptions)
    /// One array of objects.
    case json
    /// One object a line.
    case ndjson

    package struct CSVOptions: Sendable, Hashable {
        /// Begins with a byte order mark, by which spreadsheet programs know UTF-8.
        package var hasMark: Bool
        /// Puts an apostrophe before texts that a spreadsheet program would carry out as a formula. What is read back then differs.
        package var guardsFormulas: Bool

        package init(hasMark: Bool = false, guardsFormulas: Bool = false) {
            self.hasMark = hasMark
            self.guardsFormulas = guardsFormulas
        }
    }
}
