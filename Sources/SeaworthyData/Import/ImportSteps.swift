/// The rows of a source, some at a time.
struct ImportSteps: Sendable {
    private let source: Reader
    private var parser: any ImportRowParser
    private let stepSize: Int
    private var buffer: [UInt8] = []
    private(set) var bytesRead = 0
    private var isAtEnd = false

    /// Reads from where each copy of the steps has come to: a transaction that is run again starts where it did the first time.
    // @unchecked Sendable: one task at a time reads, since only one copy of the steps is ever advanced at once.
    private final class Reader: @unchecked Sendable {
        private let source: any ImportSource
        private var pieces: () throws -> [UInt8]?
        private var position = 0

        init(_ source: any ImportSource) throws {
            self.source = source
            pieces = try source.open()
        }

        func read(at offset: Int) throws -> [UInt8]? {
            guard position != offset else { return try next() }
            pieces = try source.open()
            position = 0
            while let piece = try next() {
                if position > offset { return Array(piece.suffix(position - offset)) }
            }
            return nil
        }

        private func next() throws -> [UInt8]? {
            let piece = try pieces()
            position += piece?.count ?? 0
            return piece
        }
    }

    init(reading source: any ImportSource, parser: any ImportRowParser, stepSize: Int) throws {
        self.source = try Reader(source)
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
            if let chunk = try source.read(at: bytesRead) {
                bytesRead += chunk.count
                buffer += chunk
            } else {
                isAtEnd = true
            }
        }
        return batch
    }
}
