/// The rows of a source, some at a time.
struct ImportSteps: Sendable {
    private let source: Reader
    private var parser: any ImportRowParser
    private let stepSize: Int
    private var buffer: [UInt8] = []
    private(set) var bytesRead = 0
    private var isAtEnd = false

    // @unchecked Sendable: `read` is called by one task at a time, since only one copy of the steps is ever advanced.
    private final class Reader: @unchecked Sendable {
        let read: () throws -> [UInt8]?
        init(_ read: @escaping () throws -> [UInt8]?) { self.read = read }
    }

    init(reading read: @escaping () throws -> [UInt8]?, parser: any ImportRowParser, stepSize: Int) {
        source = Reader(read)
        self.parser = parser
        self.stepSize = stepSize
    }

    var isFinished: Bool { isAtEnd && buffer.isEmpty }

    /// The next rows, of good ones at most so many; an empty batch at the end.
    mutating func next(atMost rows: Int) throws -> ImportBatch {
        let limit = min(stepSize, rows)
        var batch = ImportBatch()
        while batch.count < limit, batch.bad.count < stepSize {
            let used = try buffer.withUnsafeBufferPointer { bytes in
                try parser.parse(bytes, isLast: isAtEnd, into: &batch, limit: limit)
            }
            buffer.removeFirst(used)
            if batch.count >= limit || isAtEnd { break }
            guard buffer.count <= RecordImport.maximumRowBytes else {
                throw ImportError(.invalidFile, "a row is larger than \(RecordImport.maximumRowBytes) bytes")
            }
            if let chunk = try source.read() {
                bytesRead += chunk.count
                buffer += chunk
            } else {
                isAtEnd = true
            }
        }
        return batch
    }
}
