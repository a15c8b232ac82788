package import SeaworthySchema

/// Takes the rows of a result one at a time, on the driver's own thread, and makes one value of them.
package protocol RowReader: Sendable {
    associatedtype Output: Sendable
    mutating func read(_ row: any Row) throws
    consuming func finish() throws -> Output
}

/// Reads every row as an array of values: for small results of the server's own.
package struct ValueRows: RowReader {
    private var rows: [[Value]] = []

    package init() {}

    package mutating func read(_ row: any Row) {
        rows.append((0..<row.columnCount).map(row.value))
    }

    package consuming func finish() -> [[Value]] {
        rows
    }
}
