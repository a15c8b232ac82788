/// Where an import reads from. It may be opened again, to find the lines of rows that only turned out to be bad in the end.
package protocol ImportSource: Sendable {
    /// A function that gives the next bytes each time it is called, and nil at the end.
    func open() throws -> () throws -> [UInt8]?
}

/// The file formats that can be imported.
package enum ImportFormat: String, Sendable, CaseIterable {
    /// RFC 4180 with a header row, UTF-8: an unquoted empty cell is null, a quoted one the empty string; times without a zone are UTC.
    case csv
    /// One array of objects.
    case json
    /// One object a line.
    case ndjson

    /// The format that a file's ending stands for.
    package init?(fileName: String) {
        guard let dot = fileName.lastIndex(of: "."),
            let format = ImportFormat(rawValue: fileName[fileName.index(after: dot)...].lowercased())
        else { return nil }
        self = format
    }
}
