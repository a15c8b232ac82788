import CZlib
import NIOCore
import Synchronization

/// Compresses one body piece by piece to the gzip format (RFC 1952).
///
/// One takes some 270 KB until it is let go, hence ``Limit``. A piece of 64 KiB of JSON takes a fifth of a millisecond.
final class GzipStream {
    struct Failure: Error {
        let code: Int32
    }

    /// How many may be open at once; beyond them bodies go out as they are.
    final class Limit: Sendable {
        /// Of the process: 256, some 70 MB.
        static let shared = Limit(256)

        let maximum: Int
        private let open = Atomic(0)

        init(_ maximum: Int) {
            self.maximum = maximum
        }

        func enter() -> Bool {
            guard open.wrappingAdd(1, ordering: .relaxed).newValue <= maximum else {
                leave()
                return false
            }
            return true
        }

        func leave() {
            open.wrappingSubtract(1, ordering: .relaxed)
        }
    }

    /// zlib's level: measured on lists of records, 3 takes a fifth more time than 1 for a tenth fewer bytes, and 6 twice the time of 3
    /// for another eighth.
    static let level: Int32 = 3

    private let limit: Limit
    private let stream: UnsafeMutablePointer<z_stream>

    /// Nil when there are too many, or no memory.
    static func make(_ limit: Limit = .shared) -> GzipStream? {
        guard limit.enter() else { return nil }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 is the largest window, 16 more asks for gzip's head and tail, 8 is zlib's own default of memory.
        let code = deflateInit2_(
            stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else {
            stream.deallocate()
            limit.leave()
            return nil
        }
        return GzipStream(stream, limit)
    }

    private init(_ stream: UnsafeMutablePointer<z_stream>, _ limit: Limit) {
        self.limit = limit
        self.stream = stream
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        limit.leave()
    }

    /// Compresses `piece`, and gives back all that is needed to read it: nothing is kept for the next piece.
    func compress(_ piece: ByteBuffer, isLast: Bool) throws(Failure) -> ByteBuffer {
        var output = ByteBuffer()
        output.reserveCapacity(Int(deflateBound(stream, uLong(piece.readableBytes))) + 64)
        let flush = isLast ? Z_FINISH : Z_SYNC_FLUSH
        let code = piece.withUnsafeReadableBytes { input in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            var code = Z_OK
            repeat {
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: 1024) { space in
                    stream.pointee.next_out = space.bindMemory(to: UInt8.self).baseAddress
                    stream.pointee.avail_out = UInt32(space.count)
                    code = deflate(stream, flush)
                    return space.count - Int(stream.pointee.avail_out)
                }
            } while code == Z_OK && (isLast || stream.pointee.avail_out == 0)
            stream.pointee.next_in = nil
            return code
        }
        // Z_BUF_ERROR: there was nothing left to flush.
        guard code == (isLast ? Z_STREAM_END : Z_OK) || (!isLast && code == Z_BUF_ERROR) else { throw Failure(code: code) }
        return output
    }
}
