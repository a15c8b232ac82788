import SeaworthyQuery
import SeaworthySchema
import SeaworthyStorage

/// Writes rows in one of the formats.
enum ExportEncoder: Sendable {
    case csv(CSVRowEncoder)
    /// The elements of one array.
    case json(RecordEncoder)
    case ndjson(RecordEncoder)

    init(_ format: ExportFormat, _ layout: RecordLayout, _ entities: [Entity]) {
        switch format {
        case .csv(let options): self = .csv(CSVRowEncoder(layout, entities, options))
        case .json: self = .json(RecordEncoder(layout, entities))
        case .ndjson: self = .ndjson(RecordEncoder(layout, entities))
        }
    }

    /// What stands before the first row.
    func writeOpening(into buffer: inout [UInt8]) {
        switch self {
        case .csv(let encoder): encoder.writeHeader(into: &buffer)
        case .json: buffer.write("[")
        case .ndjson: break
        }
    }

    func write(_ row: any Row, isFirst: Bool, into buffer: inout [UInt8], _ places: inout ListPlaces) {
        switch self {
        case .csv(let encoder): encoder.write(row, into: &buffer)
        case .json(let encoder):
            buffer.write(isFirst ? "\n" : ",\n")
            encoder.write(row, into: &buffer, &places)
        case .ndjson(let encoder):
            encoder.write(row, into: &buffer, &places)
            buffer.write("\n")
        }
    }

    /// What stands behind the last row.
    func writeClosing(into buffer: inout [UInt8]) {
        if case .json = self { buffer.write("\n]\n") }
    }
}

/// Reads some rows of a list that is written whole, and where the rest begins.
struct ExportReader: RowReader {
    struct Chunk: Sendable {
        var records: WrittenRecords
        var rows = 0
        var hasMore = false
        /// The last row's values of the sort keys, raw; nil when nothing follows.
        var lastPosition: [Value]?
    }

    private let encoder: ExportEncoder
    private let limit: Int
    private let maximumBytes: Int
    private let positionColumns: [Int]
    private let isFirst: Bool
    private var chunk: Chunk
    private var isFull = false

    /// - Parameters:
    ///   - maximumBytes: behind the row that reaches this many bytes the rest begins, however few rows there are.
    ///   - isFirst: nothing was read before.
    init(_ encoder: ExportEncoder, limit: Int, maximumBytes: Int, layout: RecordLayout, isFirst: Bool) {
        self.encoder = encoder
        self.limit = limit
        self.maximumBytes = maximumBytes
        self.isFirst = isFirst
        positionColumns = layout.furtherColumns
        var buffer = [UInt8](room: 64 * 1024)
        if isFirst { encoder.writeOpening(into: &buffer) }
        chunk = Chunk(records: WrittenRecords(bytes: buffer, places: ListPlaces(plans: layout.children.count)))
    }

    mutating func read(_ row: any Row) {
        guard !isFull else {
            chunk.hasMore = true
            return
        }
        encoder.write(row, isFirst: isFirst && chunk.rows == 0, into: &chunk.records.bytes, &chunk.records.places)
        chunk.rows += 1
        guard chunk.rows == limit || chunk.records.bytes.count >= maximumBytes else { return }
        isFull = true
        chunk.lastPosition = positionColumns.map(row.value)
    }

    consuming func finish() -> Chunk {
        if !chunk.hasMore { chunk.lastPosition = nil }
        return chunk
    }
}
