import HTTPTypes
import HummingbirdCore
import NIOCore

/// Takes the body of an answer from whoever makes it, and hands it to the connection: whole when it is short, in pieces as fast as the
/// client reads when it is long. Compresses it on the way where the client and ``ResponseCoding`` say so.
final class ResponseSink: ResponseBodyWriter {
    /// A body is held back until it is whole or this long, and is written in pieces of at most this.
    static let pieceBytes = 64 * 1024
    /// A whole body up to this many bytes is one write all the same.
    private static let maximumWholeBytes = 256 * 1024
    /// Nor is it held back for longer than this: when the next bytes come later, they go out with those before them.
    private static let maximumHold: TimeAmount = .milliseconds(50)

    /// A HEAD request has its answer: the rest of the body need not be made.
    private struct HeadOnly: Error {}

    private let connection: HTTPConnectionReference
    private let number: Int
    private let exchange: HTTPExchange
    private var answer: RequestPipeline.Answer
    private var pending = ByteBuffer()
    private var heldSince = NIODeadline.now()
    private var gzip: GzipStream?
    private var headIsWritten = false
    private var isFinished = false

    init(connection: HTTPConnectionReference, number: Int, exchange: HTTPExchange, answer: RequestPipeline.Answer) {
        self.connection = connection
        self.number = number
        self.exchange = exchange
        self.answer = answer
    }

    /// Sends the whole answer. A body that fails before anything of it was sent becomes a problem; later it breaks the connection.
    func send(pipeline: RequestPipeline) async {
        do {
            try await answer.response.body.write(self)
            if !isFinished {
                try await finish(nil)
            }
        } catch is HeadOnly {
        } catch {
            if headIsWritten {
                try? await connection.run { [number] in $0.abortResponse(number) }
            } else {
                let failed = pipeline.failure(error, of: exchange, routeTemplate: answer.routeTemplate)
                let sink = ResponseSink(connection: connection, number: number, exchange: exchange, answer: failed)
                try? await failed.response.body.write(sink)
            }
        }
    }

    func write(_ buffer: ByteBuffer) async throws {
        guard !isFinished else { throw HeadOnly() }
        var isOverdue = false
        if pending.readableBytes == 0 {
            pending = buffer
            heldSince = .now()
        } else {
            pending.writeImmutableBuffer(buffer)
            isOverdue = .now() - heldSince >= Self.maximumHold
        }
        let isWhole = !headIsWritten && answer.response.body.contentLength == pending.readableBytes
        if !isWhole, isOverdue || pending.readableBytes >= Self.pieceBytes {
            if !headIsWritten, decide(length: answer.response.body.contentLength) != .plain {
                startCompressing()
            }
            try await sendPieces(isLast: false)
        }
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {
        guard !isFinished else { return }
        isFinished = true
        guard !headIsWritten else {
            try await sendPieces(isLast: true)
            return
        }
        if answer.response.status.code == 304 {
            ResponseCoding.completeNotModified(&answer.response.headers, ifNoneMatch: exchange.header("if-none-match"))
        }
        // A HEAD request's own answer may declare the length of a body it does not have.
        let declared = pending.readableBytes == 0 ? answer.response.headers[.contentLength].flatMap { Int($0) } : nil
        let decision = decide(length: declared ?? pending.readableBytes)
        if decision != .plain, !compressWhole(isForced: decision == .gzipOnly) {
            startCompressing()
        }
        guard gzip == nil, pending.readableBytes <= Self.maximumWholeBytes else {
            try await sendPieces(isLast: true)
            return
        }
        headIsWritten = true
        let (number, answer, body) = (number, answer, pending)
        pending = ByteBuffer()
        _ = try await connection.run {
            $0.respond(number, answer: answer, body: body, isWhole: true, declaredLength: declared)
        }
    }

    private func decide(length: Int?) -> ResponseCoding.Decision {
        ResponseCoding(acceptEncoding: exchange.acceptEncoding)
            .decide(status: answer.response.status, length: length, fields: &answer.response.headers)
    }

    /// Compresses a short body at once.
    ///
    /// - Returns: False when it is too long for that, or is none yet.
    private func compressWhole(isForced: Bool) -> Bool {
        guard (1...Self.pieceBytes).contains(pending.readableBytes) else { return false }
        if let compressed = try? GzipStream.make()?.compress(pending, isLast: true),
            isForced || compressed.readableBytes < pending.readableBytes
        {
            pending = compressed
            ResponseCoding.markCompressed(&answer.response.headers)
        }
        return true
    }

    private func startCompressing() {
        gzip = GzipStream.make()
        if gzip != nil {
            ResponseCoding.markCompressed(&answer.response.headers)
        }
    }

    /// Writes what is held back, and waits until the client has taken it.
    private func sendPieces(isLast: Bool) async throws {
        repeat {
            var piece = pending.readSlice(length: min(pending.readableBytes, Self.pieceBytes)) ?? ByteBuffer()
            if let gzip {
                piece = try gzip.compress(piece, isLast: isLast && pending.readableBytes == 0)
            }
            try await sendPiece(piece)
        } while pending.readableBytes > 0
        pending = ByteBuffer()
        if isLast {
            gzip = nil
            try await connection.run { [number] in $0.finishResponse(number) }
        }
    }

    private func sendPiece(_ piece: ByteBuffer) async throws {
        let (number, answer, isFirst) = (number, answer, !headIsWritten)
        let length = gzip == nil ? answer.response.body.contentLength : nil
        headIsWritten = true
        let written = try await connection.run { connection in
            isFirst
                ? connection.respond(number, answer: answer, body: piece, isWhole: false, declaredLength: length)
                : connection.respondFurther(number, piece: piece)
        }
        guard let written else { throw CancellationError() }
        try await written.get()
        if exchange.method == .head {
            isFinished = true
            gzip = nil
            pending = ByteBuffer()
            try await connection.run { $0.finishResponse(number) }
            throw HeadOnly()
        }
    }
}
