package import NIOCore
import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// A list of records that is written row by row instead of as an answer with `data` and `meta`: whole, or one page of it.
///
/// The whole is a walk and no snapshot, as a client's own walk by cursors is: every piece is a statement of its own, which begins behind the
/// last record of the piece before. Each record whose sort values do not change is met once, and between two pieces no connection is held,
/// however slowly the client reads.
package struct RecordExport: Sendable {
    /// The most rows that one statement reads.
    static let maximumRows = 1000
    /// The same where lists are included, which have bounds of their own.
    static let maximumRowsWithLists = 200
    /// Behind the row that reaches this many bytes a piece ends, so that memory does not depend on the size of records.
    static let pieceBytes = 512 * 1024

    /// Whether the whole list is wanted; otherwise as many records as ``ListRequest/limit``.
    package let isWhole: Bool
    private let collection: RecordCollection
    private let request: ListRequest
    private let access: CallerAccess
    private let format: ExportFormat
    private let start: ListPlan.Start

    init(
        _ collection: RecordCollection, _ request: ListRequest, _ access: CallerAccess, _ format: ExportFormat, isWhole: Bool,
        start: ListPlan.Start
    ) {
        self.collection = collection
        self.request = request
        self.access = access
        self.format = format
        self.isWhole = isWhole
        self.start = start
    }

    /// The records of one page, and where the next one begins.
    ///
    /// - Throws: ``QueryProblems`` with `answer_too_large` beyond ``RecordCollection/maximumAnswerBytes``.
    package func page() async throws -> RecordPage {
        let most = RecordCollection.maximumAnswerBytes
        var piece = try await read(start, rows: request.limit, maximumBytes: most + 1, isFirst: true)
        try RecordCollection.requireRoom(piece.bytes.count)
        piece.encoder.writeClosing(into: &piece.bytes)
        var page = RecordPage(body: ByteBuffer(bytes: piece.bytes), next: nil)
        if case .page(let number) = request.position {
            page.next = piece.lastPosition == nil ? nil : .page(number + 1)
        } else if let position = piece.lastPosition.map(CursorPosition.encode), position.count <= CursorCipher.maximumPositionBytes {
            page.next = .cursor(collection.cursors.seal(position, binding: collection.cursorBinding(request, access)))
        }
        return page
    }

    /// How many records the whole list has now.
    package func count() async throws -> Int {
        let plan = plan(start, rows: 1)
        let statement = collection.cache.statement(entity: collection.entity.name, plan.countShape) { plan.countSQL(collection.dialect) }
        guard case .integer(let count)? = try await collection.database.query(statement, into: FirstRow())?.first else { return 0 }
        return Int(count)
    }

    /// The whole, piece by piece.
    package var pieces: Pieces { Pieces(self) }

    package struct Pieces: Sendable {
        private let export: RecordExport
        private var start: ListPlan.Start
        private var rows: Int
        private var isFirst = true
        private var isAtEnd = false
        /// How many records the pieces had so far.
        package private(set) var count = 0

        fileprivate init(_ export: RecordExport) {
            self.export = export
            start = export.start
            rows = export.request.projection.hasLists ? RecordExport.maximumRowsWithLists : RecordExport.maximumRows
        }

        /// The next piece; nil at the end.
        package mutating func next() async throws -> ByteBuffer? {
            guard !isAtEnd else { return nil }
            while true {
                do {
                    let piece = try await export.read(start, rows: rows, maximumBytes: RecordExport.pieceBytes, isFirst: isFirst)
                    return take(piece)
                } catch let error as QueryProblems where rows > 1 && error.isTooLarge {
                    // The lists of so many records are too long together; those of fewer are not.
                    rows = max(1, rows / 4)
                }
            }
        }

        private mutating func take(_ piece: Piece) -> ByteBuffer {
            isFirst = false
            count += piece.rows
            var bytes = piece.bytes
            if let position = piece.lastPosition {
                start = .after(position)
            } else {
                isAtEnd = true
                piece.encoder.writeClosing(into: &bytes)
            }
            return ByteBuffer(bytes: bytes)
        }
    }

    fileprivate struct Piece: Sendable {
        var encoder: ExportEncoder
        var bytes: [UInt8]
        var rows: Int
        var lastPosition: [Value]?
    }

    private func plan(_ start: ListPlan.Start, rows: Int) -> ListPlan {
        var request = request
        request.limit = rows
        return ListPlan(request, model: access.model, rule: collection.rule(for: request.deleted), start: start)
    }

    private func read(_ start: ListPlan.Start, rows: Int, maximumBytes: Int, isFirst: Bool) async throws -> Piece {
        let plan = plan(start, rows: rows)
        let (entities, dialect, cache) = (collection.schema.entities, collection.dialect, collection.cache)
        let encoder = ExportEncoder(format, plan.layout, entities)
        let reader = ExportReader(encoder, limit: rows, maximumBytes: maximumBytes, layout: plan.layout, isFirst: isFirst)
        let statement = cache.statement(entity: collection.entity.name, plan.shape) { plan.sql(dialect) }
        guard !plan.layout.children.isEmpty else {
            let chunk = try await collection.database.query(statement, into: reader)
            return Piece(encoder: encoder, bytes: chunk.records.bytes, rows: chunk.rows, lastPosition: chunk.lastPosition)
        }
        // One snapshot for a piece, so that its lists belong to its records.
        return try await collection.database.transaction(.read) { transaction in
            var chunk = try await transaction.query(statement, into: reader)
            var loader = IncludeLoader(entities, dialect: dialect, cache: cache, transaction: transaction)
            try await loader.load(plan.layout, into: &chunk.records)
            return Piece(encoder: encoder, bytes: chunk.records.whole, rows: chunk.rows, lastPosition: chunk.lastPosition)
        }
    }
}

extension QueryProblems {
    fileprivate var isTooLarge: Bool {
        problems.contains { [QueryProblem.Code.includeTooLarge, .answerTooLarge].map(\.rawValue).contains($0.code) }
    }
}

extension RecordCollection {
    /// The records of a list that the caller sees, to be written in another format than the API's own JSON.
    ///
    /// - Parameter items: the list's parameters, decoded. Without `limit` the list is whole.
    package func export(
        query items: [(name: String, value: String)], as format: ExportFormat, for caller: Caller = .anonymous
    ) throws -> RecordExport {
        let access = access(of: caller)
        try requireRead(access)
        var request = try ListRequestParser.parse(items, at: position, model: access.model, api: schema.api)
        try require(request.deleted, access)
        let isWhole = !items.contains { $0.name == "limit" }
        let problems = exportProblems(request, items, format, isWhole: isWhole)
        guard problems.isEmpty else { throw QueryProblems(problems) }
        request.count = .none
        return RecordExport(self, request, access, format, isWhole: isWhole, start: try start(of: request, access))
    }

    private func exportProblems(
        _ request: ListRequest, _ items: [(name: String, value: String)], _ format: ExportFormat, isWhole: Bool
    ) -> [QueryProblem] {
        var problems: [QueryProblem] = []
        if case .csv = format, request.projection.hasLists {
            problems.append(
                QueryProblem(
                    .invalidParameter, parameter: "include", "names a relation to many records, which has no place in a row of CSV"))
        }
        if isWhole, request.isByRelevance {
            problems.append(
                QueryProblem(
                    .conflictingParameters, parameter: "search", "is ordered by relevance, which has no whole list; add sort or limit"))
        } else if isWhole, case .page = request.position {
            problems.append(QueryProblem(.conflictingParameters, parameter: "page", "counts pages of limit records; add limit"))
        }
        if items.contains(where: { $0.name == "count" && $0.value != ListRequest.Count.none.rawValue }) {
            problems.append(QueryProblem(.invalidParameter, parameter: "count", "is answered in meta, which this format does not have"))
        }
        return problems
    }
}
