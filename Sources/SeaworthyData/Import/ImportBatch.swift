import SeaworthySchema

/// Rows read but not yet inserted: their values one row after another, and the line of each.
struct ImportBatch: Sendable {
    var values: [Value] = []
    var lines: [Int] = []
    /// The fields that each row names.
    var given: [Set<Int>] = []
    var bad: [BadRow] = []

    var count: Int { lines.count }

    /// The values of one row.
    func record(_ row: Int, width: Int) -> [Value] {
        Array(values[(row * width)..<((row + 1) * width)])
    }
}

/// Takes rows off the front of what was read of a file so far.
protocol ImportRowParser: Sendable {
    /// Parses complete rows into the batch until it has `limit` of them or no complete row is left.
    ///
    /// - Parameter isLast: nothing follows these bytes.
    /// - Returns: how many bytes were used up.
    /// - Throws: ``ImportError`` when the rest of the file cannot be read as rows.
    mutating func parse(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool, into batch: inout ImportBatch, limit: Int) throws -> Int
}
