import NIOCore
import SeaworthySchema
import SeaworthyStorage

/// Reads the first row as `{"data":{…}}`; nil when there is none.
struct RecordReader: RowReader {
    private let encoder: RecordEncoder
    private var body: ByteBuffer?

    init(_ encoder: RecordEncoder) {
        self.encoder = encoder
    }

    mutating func read(_ row: any Row) {
        guard body == nil else { return }
        var buffer = ByteBufferAllocator().buffer(capacity: 1024)
        buffer.write("{\"data\":")
        encoder.write(row, into: &buffer)
        buffer.write("}")
        body = buffer
    }

    consuming func finish() -> ByteBuffer? {
        body
    }
}

/// Reads a page as `{"data":[…]`, still open for its meta data, and what the next page needs.
struct PageReader: RowReader {
    struct Page: Sendable {
        var body: ByteBuffer
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

    init(_ encoder: RecordEncoder, limit: Int, positionColumns: [Int]) {
        self.encoder = encoder
        self.limit = limit
        self.positionColumns = positionColumns
        var buffer = ByteBufferAllocator().buffer(capacity: 4096)
        buffer.write("{\"data\":[")
        page = Page(body: buffer, rows: 0, hasMore: false, lastPosition: nil)
    }

    mutating func read(_ row: any Row) {
        guard page.rows < limit else {
            page.hasMore = true
            return
        }
        if page.rows > 0 { page.body.write(byte: UInt8(ascii: ",")) }
        encoder.write(row, into: &page.body)
        page.rows += 1
        if page.rows == limit { page.lastPosition = positionColumns.map(row.value) }
    }

    consuming func finish() -> Page {
        page.body.write("]")
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
