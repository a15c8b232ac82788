import Testing

@testable import SeaworthyMaintenance

@Suite struct `What a restore to a moment takes` {
    private static let first = LogGeneration.next(after: nil)
    private static let second = LogGeneration.next(after: first)

    private func manifest(_ id: String, _ time: Int64, _ generation: LogGeneration?, after piece: Int = 0) -> BackupManifest {
        BackupManifest(
            id: id, time: time, duration: 0, version: "", kind: .sqlite, database: "app.db", databaseVersion: "", properties: [:],
            schemaHash: nil, migration: nil, contents: DatabaseContents(tables: [], structure: ""), isEncrypted: false, salt: "",
            keyCheck: "",
            storedBytes: 0, plainBytes: 0, digest: "", log: generation.map { LogBase($0, piece: piece, moment: time, salts: 1, frame: 1) })
    }

    private func list(_ pieces: [(LogGeneration, Int, Int64, Bool)]) -> LogList {
        LogList(
            pieces.map { generation, number, time, endsCommit in
                StoredObject(
                    name: "\(LogPieceName("app_db-log-", generation, number: number, time: time, endsCommit: endsCommit))", bytes: 10)
            } + [StoredObject(name: "app_db-20261125T000000Z-000000.backup", bytes: 5)], prefix: "app_db-log-")
    }

    private func failure(_ moment: RestoreMoment, _ bases: [BackupManifest], _ list: LogList, isChosen: Bool = false) -> BackupError? {
        do throws(BackupError) {
            _ = try LogPlan(moment, bases: bases, list: list, isChosen: isChosen)
            return nil
        } catch {
            return error
        }
    }

    /// A chain with backups at 100 and 200, pieces at 110, 120 … and a second chain from 300 on.
    private var bases: [BackupManifest] {
        [manifest("a", 100, Self.first), manifest("b", 200, Self.first, after: 10), manifest("c", 300, Self.second)]
    }

    private var pieces: [(LogGeneration, Int, Int64, Bool)] {
        [(Self.first, 0, 90, false)] + (1...15).map { (Self.first, $0, Int64(100 + 10 * $0), true) } + [(Self.second, 0, 290, false)]
            + (1...5).map { (Self.second, $0, Int64(300 + 10 * $0), true) }
    }

    @Test func `is the newest backup of before, and what was stored up to the moment`() throws {
        let list = list(pieces)
        for (moment, base, count): (RestoreMoment, String, Int) in [
            (.at(100), "a", 0), (.at(109), "a", 0), (.at(110), "a", 1), (.at(199), "a", 9), (.at(200), "b", 0), (.at(215), "b", 1),
            (.at(250), "b", 5), (.at(305), "c", 0), (.at(350), "c", 5), (.latest, "c", 5),
        ] {
            let plan = try LogPlan(moment, bases: bases, list: list, isChosen: false)
            #expect(plan.base.id == base && plan.pieces.count == count, "\(moment)")
            #expect(plan.pieces.map(\.number) == Array((plan.base.log?.piece ?? 0) + 1..<(plan.base.log?.piece ?? 0) + 1 + count))
        }
        let chosen = try LogPlan(.at(250), bases: [bases[0]], list: list, isChosen: true)
        #expect(chosen.base.id == "a" && chosen.pieces.count == 15)
    }

    @Test func `is refused before the first backup, in a gap and behind the end, with what can be had`() throws {
        let list = list(pieces)
        for (moment, text): (Int64, String) in [
            (99, "before the first backup"), (251, "1970-01-01T00:00:00.000250Z is the end of the log behind b"),
            (299, "is the end of the log behind b"),
            (351, "1970-01-01T00:00:00.000350Z is the end of the log behind c"),
        ] {
            let error = try #require(failure(.at(moment), bases, list))
            #expect(error.code == .outOfReach && error.message.contains(text), "\(error)")
            #expect(
                error.message.contains(
                    "from 1970-01-01T00:00:00.000100Z to 1970-01-01T00:00:00.000250Z and from 1970-01-01T00:00:00.000300Z to 1970-01-01T00:00:00.000350Z"
                ), "\(error)")
        }
        #expect(failure(.at(99), [bases[0]], list, isChosen: true)?.fix.contains("leave out the backup") == true)
        #expect(failure(.at(5), [], self.list([]))?.message.contains("there is no log behind any backup") == true)
        #expect(failure(.latest, [], self.list([]))?.code == .outOfReach)
    }

    @Test func `names the piece that is missing, and goes up to it`() throws {
        let list = list(pieces.filter { $0.0 != Self.first || $0.1 != 12 })
        #expect(try LogPlan(.at(210), bases: bases, list: list, isChosen: false).pieces.count == 1)
        let error = try #require(failure(.at(225), bases, list))
        #expect(error.code == .outOfOrder && error.message.contains("piece 12 of the log \(Self.first) is missing"), "\(error)")
        // The last state of all is not quietly the one before the gap.
        #expect(failure(.latest, Array(bases.prefix(2)), list)?.code == .outOfOrder)
        #expect(try LogPlan(.latest, bases: bases, list: list, isChosen: false).base.id == "c")
        let doubled = self.list(pieces + [(Self.first, 12, 221, true)])
        #expect(failure(.at(225), bases, doubled)?.message.contains("two pieces 12") == true)
    }

    @Test func `ends with a piece that ends a commit`() throws {
        let list = list([
            (Self.first, 0, 90, false), (Self.first, 1, 110, true), (Self.first, 2, 120, false), (Self.first, 3, 120, true),
            (Self.first, 4, 130, false),
        ])
        #expect(try LogPlan(.at(119), bases: [bases[0]], list: list, isChosen: false).pieces.map(\.number) == [1])
        #expect(try LogPlan(.at(120), bases: [bases[0]], list: list, isChosen: false).pieces.map(\.number) == [1, 2, 3])
        #expect(try LogPlan(.latest, bases: [bases[0]], list: list, isChosen: false).pieces.map(\.number) == [1, 2, 3])
        #expect(failure(.at(130), [bases[0]], list)?.code == .outOfReach)
    }

    @Test func `is only the backup where its log was not kept, or there was none`() throws {
        // Retention took away all before piece 10.
        let list = list(pieces.filter { $0.0 != Self.first || $0.1 >= 10 })
        let error = try #require(failure(.at(150), bases, list))
        #expect(error.code == .outOfReach && error.message.contains("the log reaches from 1970-01-01T00:00:00.000200Z"), "\(error)")
        #expect(try LogPlan(.at(100), bases: bases, list: list, isChosen: false).pieces.isEmpty)
        #expect(LogPlan.spans(bases: bases, list: list).map(\.from) == [200, 300])
        #expect(error.message.contains("no log is kept behind a"), "\(error)")
        let bare = manifest("d", 400, nil)
        #expect(try LogPlan(.latest, bases: bases + [bare], list: list, isChosen: false).base.id == "d")
        #expect(failure(.at(401), bases + [bare], list)?.code == .outOfReach)
    }

    @Test func `keeps the pieces that a backup needs, and a chain that waits for its first`() throws {
        let list = list(pieces)
        func removed(_ bases: [BackupManifest]) -> [String] {
            list.removable(needed: bases.compactMap(\.log)).map { "\($0.generation == Self.first ? 1 : 2).\($0.number)" }
        }
        #expect(removed(bases).isEmpty)
        #expect(removed(Array(bases.dropFirst())) == (0...9).map { "1.\($0)" })
        #expect(removed([bases[2]]) == (0...15).map { "1.\($0)" })
        #expect(removed([]) == (0...15).map { "1.\($0)" })
        #expect(removed([manifest("e", 340, Self.second, after: 5)]) == (0...15).map { "1.\($0)" } + (0...4).map { "2.\($0)" })
        #expect(list.count == 22 && list.bytes == 220 && list.last?.number == 5 && list.newestGeneration == Self.second)
    }

    @Test func `is a time of RFC 3339, or the latest`() {
        #expect(RestoreMoment("latest") == .latest)
        #expect(RestoreMoment("2026-11-25T20:15:00Z") == .at(microseconds("2026-11-25T20:15:00Z")))
        #expect(RestoreMoment("2026-11-25T21:15:00.5+01:00") == .at(microseconds("2026-11-25T20:15:00.5Z")))
        for text in ["", "Latest", "2026-11-25", "2026-11-25T20:15:00", "yesterday", "2026-11-25T20:15:00.1234567Z"] {
            #expect(RestoreMoment(text) == nil, "\(text)")
        }
    }
}
