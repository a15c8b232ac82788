import Foundation
import SeaworthySQL
import SeaworthySQLite
import SeaworthyStorage
import Testing

@testable import SeaworthyMaintenance

@Suite struct `The frames of a write-ahead log` {
    private func scan(_ header: LogHeader, _ frames: [UInt8], from position: LogPosition? = nil) -> (LogScan, [UInt32]) {
        var scan = LogScan(header, from: position ?? header.start)
        var pages: [UInt32] = []
        frames.withUnsafeBytes { scan.add($0) { frame, _ in pages.append(frame.page) } }
        return (scan, pages)
    }

    @Test(arguments: [false, true])
    func `count up to the last one that ends a commit`(isBigEndian: Bool) throws {
        var log = WrittenLog(isBigEndian: isBigEndian)
        #expect(LogHeader(log.bytes) == log.header)
        log.append(page: 1, 1)
        log.append(page: 2, 2, size: 2)
        let end = log.position
        log.append(page: 3, 3)
        let (scan, pages) = scan(log.header, log.frames)
        #expect(scan.committed == end && scan.databasePages == 2 && pages == [1, 2, 3] && !scan.hasEnded)
        #expect(scan.position == log.position)
        // From a place on, only what is behind it.
        log.append(page: 4, 4, size: 4)
        let rest = self.scan(log.header, Array(log.frames[(2 * log.header.frameBytes)...]), from: end)
        #expect(rest.0.committed == log.position && rest.1 == [3, 4] && rest.0.databasePages == 4)
        let nothing = self.scan(log.header, [], from: end)
        #expect(nothing.0.committed == nil)
    }

    @Test func `end where a byte was changed, a frame is of an older log, or only half is there`() throws {
        var log = WrittenLog()
        log.append(page: 1, 1, size: 1)
        let first = log.position
        log.append(page: 1, 2, size: 1)
        // Of the second frame: its page, its number, the size behind it, its salts, its checksum.
        for offset in [24, 3, 7, 8, 15, 16, 23] {
            var frames = log.frames
            frames[log.header.frameBytes + offset] ^= 1
            let (scan, pages) = scan(log.header, frames)
            #expect(scan.committed == first && pages == [1] && scan.hasEnded, "offset \(offset)")
        }
        #expect(scan(log.header, log.frames.dropLast()).0.committed == first)
        var older = WrittenLog(salts: 6 << 32)
        older.append(page: 1, 3, size: 1)
        #expect(scan(log.header, Array(log.frames.prefix(log.header.frameBytes)) + older.frames).0.committed == first)
        // A page 0 is none, whatever its checksum.
        var empty = WrittenLog()
        empty.append(page: 0, 0, size: 1)
        #expect(scan(empty.header, empty.frames).0.committed == nil)
    }

    @Test func `a head that is none is not taken for one`() {
        let log = WrittenLog()
        #expect(LogHeader(Array(log.bytes.dropLast())) == nil)
        #expect(LogHeader([]) == nil)
        for offset in 0..<LogHeader.byteCount {
            var bytes = log.bytes
            bytes[offset] ^= 0x10
            #expect(LogHeader(bytes) == nil, "offset \(offset)")
        }
        #expect(WrittenLog(pageBytes: 256).bytes.count == 32 && LogHeader(WrittenLog(pageBytes: 256).bytes) == nil)
        #expect(LogHeader(WrittenLog(pageBytes: 65_536).bytes)?.pageBytes == 65_536)
    }

    @Test func `are read from what SQLite writes, and a transaction that is rolled back is none`() async throws {
        let file = try BackedUpFile()
        let database = try await file.open()
        try await file.write("CREATE TABLE t (a integer PRIMARY KEY, b blob)")
        let log = try #require(try LogFile(file.path + "-wal"))
        let first = try #require(try log.committedEnd(from: log.header.start))
        try? await database.transaction(.write) { transaction in
            // More than the cache holds, so that it spills into the log.
            try await transaction.execute(
                Statement(
                    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 12000) INSERT INTO t SELECT x, zeroblob(900) FROM c"
                ))
            throw CancellationError()
        }
        #expect(try log.committedEnd(from: first) == nil)
        #expect(Files.bytes(file.path + "-wal") ?? 0 > 1_000_000)
        try await file.write("INSERT INTO t VALUES (1, x'01')")
        let second = try #require(try log.committedEnd(from: first))
        #expect(second.frame > first.frame && second.salts == first.salts)
        #expect(try log.checksum(ofFrame: second.frame) == second.checksum)
        #expect(try log.checksum(ofFrame: 0) == log.header.checksum)
        let images = try #require(try log.images(from: first, to: second, imageBytes: LogPiece.imageBytes))
        #expect(images.end == second && images.databasePages > 0)
        await database.close()
    }

    @Test func `become pieces that hold of each page the last image, and at most so many`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("seaworthy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var log = WrittenLog()
        for round in 1...6 as ClosedRange<UInt8> {
            for page in 1...5 as ClosedRange<UInt32> { log.append(page: page, round, size: page == 5 ? 5 : 0) }
        }
        let path = folder.appendingPathComponent("a-wal").path
        try Data(log.bytes).write(to: URL(fileURLWithPath: path))
        let file = try #require(try LogFile(path))
        let all = try #require(try file.images(from: log.header.start, to: log.position, imageBytes: 1 << 20))
        #expect(all.pages.count == 5 && all.pages.values.allSatisfy { $0 == [UInt8](repeating: 6, count: 512) })
        #expect(all.databasePages == 5 && all.end == log.position)
        // Three pages fit: the piece ends within a transaction, and the next goes on there.
        let part = try #require(try file.images(from: log.header.start, to: log.position, imageBytes: 3 * 512))
        #expect(part.pages.keys.sorted() == [1, 2, 3] && part.databasePages == 0 && part.end.frame == 3)
        let next = try #require(try file.images(from: part.end, to: log.position, imageBytes: 3 * 512))
        #expect(next.pages.keys.sorted() == [1, 4, 5] && next.databasePages == 0 && next.end.frame == 6)
        // However small the bound, one is taken; and what is not there any more is not made up.
        #expect(try file.images(from: log.header.start, to: log.position, imageBytes: 1)?.pages.count == 1)
        var beyond = log
        beyond.append(page: 1, 9, size: 5)
        #expect(try file.images(from: log.header.start, to: beyond.position, imageBytes: 1 << 20) == nil)
        #expect(try LogFile(path + "-none") == nil)
    }
}
