package import NIOCore

/// The body of a request in pieces, as they arrive: the socket is read only while the next piece is asked for.
///
/// Iterated once. A piece is never empty, and has at most what one reading of the socket brings, some 64 KiB. The end of the sequence is
/// the end of the body; what breaks off before it throws:
///
/// - ``Problem`` 413 beyond the cap, at once when `Content-Length` says so; 408 when bytes do not come (see
///   ``HTTPSettings/bodyStallTimeout`` and ``HTTPSettings/minimumTransferRate``); 400 when the framing is broken, or when the client
///   closes its side before the end.
/// - `CancellationError` when the connection is gone, or the task is cancelled.
package struct RequestBodyPieces: AsyncSequence, Sendable {
    package typealias Element = ByteBuffer

    let source: RequestBodySource
    let maximumBytes: Int64?

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(source: source, maximumBytes: maximumBytes)
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        private var source: RequestBodySource
        private let maximumBytes: Int64?

        init(source: RequestBodySource, maximumBytes: Int64?) {
            self.source = source
            self.maximumBytes = maximumBytes
        }

        package mutating func next() async throws -> ByteBuffer? {
            switch source {
            case .buffer(let buffer, _):
                if let maximumBytes, buffer.readableBytes > maximumBytes { throw Problem.contentTooLarge(maximumBytes: maximumBytes) }
                source = .buffer(ByteBuffer(), maximumBytes: 0)
                return buffer.readableBytes > 0 ? buffer : nil
            case .connection(let connection, let number):
                return try await connection.nextPiece(number, maximumBytes: maximumBytes)
            }
        }
    }
}

extension HTTPExchange {
    /// The body in pieces, for routes whose bodies may be larger than ``HTTPSettings/maximumBodyBytes``. A client that waits for
    /// `100 Continue` is told to go on when the first piece is asked for. Not together with ``collectBody()``.
    ///
    /// - Parameter maximumBytes: The most that the body may have; nil when it may be of any length.
    package func bodyPieces(maximumBytes: Int64?) -> RequestBodyPieces {
        RequestBodyPieces(source: body, maximumBytes: maximumBytes)
    }
}
