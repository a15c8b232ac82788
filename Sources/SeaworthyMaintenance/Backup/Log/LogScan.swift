/// Goes through frames of a write-ahead log and finds how far they count: a frame does when its salts are the log's and the checksum up to
/// it fits, and what counts is complete up to the last frame that ends a commit. Pure over bytes.
struct LogScan {
    let header: LogHeader
    /// Behind the last frame that counts.
    private(set) var position: LogPosition
    /// Behind the last commit; nil when none was met.
    private(set) var committed: LogPosition?
    /// The size of the database there, in pages.
    private(set) var databasePages: UInt32 = 0
    /// A frame was met that does not count: nothing behind it does.
    private(set) var hasEnded = false

    /// - Parameter position: where to begin; a place of this very log.
    init(_ header: LogHeader, from position: LogPosition) {
        self.header = header
        self.position = position
    }

    /// Takes in the frames that follow, whole ones, and hands over each that counts.
    mutating func add(_ bytes: UnsafeRawBufferPointer, _ body: (LogFrame, UnsafeRawBufferPointer) -> Void = { _, _ in }) {
        var offset = 0
        while !hasEnded, offset + header.frameBytes <= bytes.count {
            let raw = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + header.frameBytes])
            let frame = LogFrame(raw)
            let page = UnsafeRawBufferPointer(rebasing: raw[LogFrame.headerBytes...])
            var checksum = position.checksum
            checksum.add(UnsafeRawBufferPointer(rebasing: raw[..<8]), isBigEndian: header.isBigEndian)
            guard frame.salts == header.salts, frame.page > 0 else {
                hasEnded = true
                return
            }
            checksum.add(page, isBigEndian: header.isBigEndian)
            guard frame.checksum == checksum else {
                hasEnded = true
                return
            }
            position = LogPosition(salts: header.salts, frame: position.frame + 1, checksum: checksum)
            if frame.databasePages > 0 {
                committed = position
                databasePages = frame.databasePages
            }
            body(frame, page)
            offset += header.frameBytes
        }
    }
}
