import SeaworthySchema
import SeaworthyStorage

/// Reads the first row as `{"data":{…}`, still open for what stands behind it; nil when there is none.
struct RecordReader: RowReader {
    private let encoder: RecordEncoder
    private let lists: Int
    private let valueColumns: [Int]
    private var record: (written: WrittenRecords, values: [Value])?

    /// - Parameters:
    ///   - lists: how many plans the layout has for lists.
    ///   - valueColumns: columns whose values are kept besides.
    init(_ encoder: RecordEncoder, lists: Int, valueColumns: [Int]) {
        self.encoder = encoder
        self.lists = lists
        self.valueColumns = valueColumns
    }

    mutating func read(_ row: any Row) {
        guard record == nil else { return }
        var buffer = [UInt8](room: 1024)
        buffer.write("{\"data\":")
        var places = ListPlaces(plans: lists)
        encoder.write(row, into: &buffer, &places)
        record = (WrittenRecords(bytes: buffer, places: places), valueColumns.map(row.value))
    }

    consuming func finish() -> (written: WrittenRecords, values: [Value])? {
        record
    }
}

/// Reads records one after another, still open for what stands behind them, and what the next page needs.
struct PageReader: RowReader {
    struct Page: Sendable {
        var records: WrittenRecords
        var rows: Int
        var hasMore: Bool
        /// The last row's values of the sort keys, raw; nil when there is no next page.
        var lastPosition: [Value]?
    }

    private let encoder: RecordEncoder
    private let limit: Int
    /// The columns of the sort keys.
    private let positionColumns: [Int]
    private var page: Page

    /// - Parameters:
    ///   - lists: how many plans the layout has for lists.
    ///   - opening: what stands before the records.
    init(_ encoder: RecordEncoder, limit: Int, positionColumns: [Int], lists: Int, opening: StaticString) {
        self.encoder = encoder
        self.limit = limit
        self.positionColumns = positionColumns
        var buffer = [UInt8](room: limit == 1 ? 1024 : 4096)
        buffer.write(opening)
        page = Page(
            records: WrittenRecords(bytes: buffer, places: ListPlaces(plans: lists)), rows: 0, hasMore: false, lastPosition: nil)
    }

    mutating func read(_ row: any Row) throws {
        guard page.rows < limit else {
            page.hasMore = true
            return
        }
        try RecordCollection.requireRoom(page.records.bytes.count)
        if page.rows > 0 { page.records.bytes.append(UInt8(ascii: ",")) }
        encoder.write(row, into: &page.records.bytes, &page.records.places)
        page.rows += 1
        if page.rows == limit { page.lastPosition = positionColumns.map(row.value) }
    }

    consuming func finish() -> Page {
        if !page.hasMore { page.lastPosition = nil }
        return page
    }
}

/// Reads the first row as values; nil when there is none.
struct FirstRow: RowReader {
    private var row: [Value]?

    mutating func read(_ row: any Row) {
        if self.row == nil { self.row = (0..<row.columnCount).map(row.value) }
    }

    consuming func finish() -> [Value]? {
        row
    }
}
