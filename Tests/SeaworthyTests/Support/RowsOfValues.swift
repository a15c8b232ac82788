import SeaworthyStorage

/// The first column of every row as an integer.
struct RowsOfValues: RowReader {
    private var values: [Int64] = []

    mutating func read(_ row: any Row) {
        values.append(row.integer(0))
    }

    consuming func finish() -> [Int64] {
        values
    }
}
