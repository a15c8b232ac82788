import HTTPTypes
import HummingbirdCore
import NIOCore

/// Takes the body of an answer from whoever makes it, and hands it to the connection: whole when it is short, in pieces as fast as the
/// client reads when it is long.
final class ResponseSink: ResponseBodyWriter {
    /// A body is held back until it is whole or this long.
    private static let pieceBytes = 64 * 1024

    private let connection: HTTPConnectionReference
    private let number: Int
    private let answer: RequestPipeline.Answer
    private var pending = ByteBuffer()
    private var headIsWritten = false
    private var isFinished = false

    init(connection: HTTPConnectionReference, number: Int, answer: RequestPipeline.Answer) {
        self.connection = connection
        self.number = number
        self.answer = answer
    }

    /// Sends the whole answer. A body that fails before anything of it was sent becomes a problem; later it breaks the connection.
    func send(pipeline: RequestPipeline, requestID: String) async {
        do {
            try await answer.response.body.write(self)
            if !isFinished {
                try await finish(nil)
            }
        } catch {
            if headIsWritten {
                try? await connection.run { [number] in $0.abortResponse(number) }
            } else {
                let failed = RequestPipeline.Answer(
                    response: pipeline.failure(error, requestID: requestID), routeTemplate: answer.routeTemplate)
                let sink = ResponseSink(connection: connection, number: number, answer: failed)
                try? await failed.response.body.write(sink)
            }
        }
    }

    func write(_ buffer: ByteBuffer) async throws {
        if pending.readableBytes == 0 {
            pending = buffer
        } else {
            pending.writeImmutableBuffer(buffer)
        }
        if pending.readableBytes >= Self.pieceBytes, answer.response.body.contentLength != pending.readableBytes {
            try await sendPiece()
        }
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {
        isFinished = true
        let (number, answer, body) = (number, answer, pending)
        pending = ByteBuffer()
        if headIsWritten {
            let written = try await connection.run { $0.respondFurther(number, piece: body) }
            try await written?.get()
            try await connection.run { $0.finishResponse(number) }
        } else {
            headIsWritten = true
            // A HEAD request's own answer may declare the length of a body it does not have.
            let declared = body.readableBytes == 0 ? answer.response.headers[.contentLength].flatMap { Int($0) } : nil
            _ = try await connection.run {
                $0.respond(number, answer: answer, body: body, isWhole: true, declaredLength: declared)
            }
        }
    }

    private func sendPiece() async throws {
        let (number, answer, piece, isFirst) = (number, answer, pending, !headIsWritten)
        pending = ByteBuffer()
        headIsWritten = true
        let written = try await connection.run { connection in
            isFirst
                ? connection.respond(
                    number, answer: answer, body: piece, isWhole: false, declaredLength: answer.response.body.contentLength)
                : connection.respondFurther(number, piece: piece)
        }
        guard let written else { throw CancellationError() }
        try await written.get()
    }
}
