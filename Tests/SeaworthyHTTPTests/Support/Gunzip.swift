import CZlib

/// Reads gzip, so that tests do not depend on what they test.
final class Gunzip {
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private(set) var isAtEnd = false

    init() {
        stream.initialize(to: z_stream())
        _ = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// What can be read so far; nil when it is not gzip.
    func read(_ bytes: [UInt8]) -> [UInt8]? {
        var input = bytes
        var output: [UInt8] = []
        var space = [UInt8](repeating: 0, count: 65_536)
        return input.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            while true {
                let code = space.withUnsafeMutableBufferPointer { space in
                    stream.pointee.next_out = space.baseAddress
                    stream.pointee.avail_out = UInt32(space.count)
                    return inflate(stream, Z_SYNC_FLUSH)
                }
                output += space.prefix(space.count - Int(stream.pointee.avail_out))
                isAtEnd = isAtEnd || code == Z_STREAM_END
                guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else { return nil }
                if code != Z_OK || (stream.pointee.avail_in == 0 && stream.pointee.avail_out > 0) { return output }
            }
        }
    }

    /// The whole of it; nil when it is not gzip from its head to its tail.
    static func all(_ bytes: [UInt8]) -> String? {
        let gunzip = Gunzip()
        guard let output = gunzip.read(bytes), gunzip.isAtEnd, gunzip.stream.pointee.avail_in == 0 else { return nil }
        return String(decoding: output, as: UTF8.self)
    }
}
