import Foundation
import Testing

@testable import SeaworthyMaintenance

@Suite struct `A piece of a log` {
    private static let time = microseconds("2026-11-25T03:15:00.123456Z")

    private func piece(_ number: Int = 42, time: Int64 = time, pages: Int = 3) throws -> LogPiece {
        let generation = try #require(LogGeneration(text: "0000018f3a2c"))
        return LogPiece(
            name: LogPieceName("app_db-log-", generation, number: number, time: time, endsCommit: true), pageBytes: 512, databasePages: 9,
            before: LogPosition(salts: 77, frame: 5, checksum: LogChecksum(first: 1, second: 2)),
            after: LogPosition(salts: 78, frame: 2, checksum: LogChecksum(first: 3, second: 4)),
            pages: (0..<pages).map { LogPiece.Page(number: UInt32($0 + 1), bytes: [UInt8](repeating: UInt8($0 & 0xFF), count: 512)) })
    }

    @Test(arguments: [nil, BackedUpFile.key("a")])
    func `is read back as it was written, also one of many chunks`(keys: BackupKeys?) throws {
        for pages in [0, 3, 5000] {
            let piece = try piece(pages: pages)
            let sealed = try piece.sealed(keys)
            #expect(try LogPiece(sealed, name: piece.name, keys: keys) == piece)
        }
        // With noise, which does not shrink, it is smaller than one request to S3.
        var large = try piece(pages: LogPiece.imageBytes / 512)
        for index in large.pages.indices { large.pages[index].bytes = (0..<512).map { _ in UInt8.random(in: 0...255) } }
        #expect(try large.sealed(keys).count < 8 << 20)
    }

    @Test func `has a name that says where it belongs`() throws {
        let piece = try piece()
        #expect(piece.name.description == "app_db-log-0000018f3a2c-00000042-20261125T031500123456Z.log")
        var part = piece.name
        part.endsCommit = false
        #expect(part.description.hasSuffix("-20261125T031500123456Z.part"))
        for name in [piece.name, part] { #expect(LogPieceName(name.description, prefix: "app_db-log-") == name) }
        for text in [
            "app_db-log-0000018f3a2c-00000042-20261125T031500123456Z.backup", "other-log-0000018f3a2c-00000042-20261125T031500123456Z.log",
            "app_db-log-0000018f3a2c-0000042-20261125T031500123456Z.log", "app_db-log-0000018f3a2c-00000042-20261325T031500123456Z.log",
            "app_db-log-0000018f3a2c-000000+2-20261125T031500123456Z.log", "app_db-log-0000018f3a2c-00000042-20261125T031500Z.log",
            "app_db-log-0000018f3a2c-00000042.log", "app_db-log-x-00000042-20261125T031500123456Z.log",
        ] { #expect(LogPieceName(text, prefix: "app_db-log-") == nil, "\(text)") }
        #expect(LogPieceName.prefix(of: "app.db") == "app_db-log-")
    }

    @Test func `is refused by name when it is damaged, cut, swapped or of another key`() throws {
        let keys = BackedUpFile.key("a")
        let piece = try piece()
        let sealed = try piece.sealed(keys)
        func code(_ bytes: [UInt8], _ name: LogPieceName, _ keys: BackupKeys?) -> BackupError.Code? {
            do throws(BackupError) {
                _ = try LogPiece(bytes, name: name, keys: keys)
                return nil
            } catch {
                #expect(error.message.contains(name.description), "\(error)")
                return error.code
            }
        }
        for offset in stride(from: 0, to: sealed.count, by: 7) {
            var bytes = sealed
            bytes[offset] ^= 1
            #expect(code(bytes, piece.name, keys) != nil, "offset \(offset)")
        }
        #expect(code(Array(sealed.dropLast(20)), piece.name, keys) == .cutOff)
        #expect(code([], piece.name, keys) == .cutOff)
        #expect(code(sealed + [0], piece.name, keys) == .damaged)
        #expect(code(sealed, piece.name, BackedUpFile.key("b")) == .wrongKey)
        #expect(code(sealed, piece.name, nil) == .keyMissing)
        #expect(code(try piece.sealed(nil), piece.name, keys) == .notEncrypted)
        var other = piece.name
        other.number = 43
        #expect(code(sealed, other, keys) == .outOfOrder)
        other = piece.name
        other.time += 1
        #expect(code(sealed, other, keys) == .outOfOrder)
        other = piece.name
        other.generation = .next(after: piece.name.generation)
        #expect(code(sealed, other, keys) == .outOfOrder)
        other = piece.name
        other.endsCommit = false
        #expect(code(sealed, other, keys) == .damaged)
        // A whole backup under the name of a piece.
        var container = ContainerWriter(key: keys.all.first)
        let backup = container.header.bytes + (try container.chunk(Array(repeating: 1, count: 500), isLast: true))
        #expect(code(backup, piece.name, keys) == .damaged)
    }
}
