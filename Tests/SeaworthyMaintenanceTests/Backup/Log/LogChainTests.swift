import Testing

@testable import SeaworthyMaintenance

@Suite struct `A chain of pieces` {
    private var log: WrittenLog {
        var log = WrittenLog()
        log.append(page: 1, 1, size: 1)
        return log
    }

    private func chain(_ log: WrittenLog) throws -> LogChain {
        LogChain(.next(after: nil), number: 4, position: log.position, pageBytes: 512)
    }

    private func isBroken(_ continuation: LogChain.Continuation) -> Bool {
        if case .broken = continuation { true } else { false }
    }

    @Test func `goes on where the log holds what was stored last`() throws {
        let log = log
        let chain = try chain(log)
        #expect(chain.continuation(in: log.header, frame: log.position.checksum) == .goesOn)
        #expect(isBroken(chain.continuation(in: nil, frame: nil)))
        #expect(isBroken(chain.continuation(in: log.header, frame: nil)))
        var other = log.position.checksum
        other.second ^= 1
        #expect(isBroken(chain.continuation(in: log.header, frame: other)))
        #expect(isBroken(chain.continuation(in: WrittenLog(pageBytes: 1024).header, frame: log.position.checksum)))
    }

    @Test func `goes on with the next log only when all of the old one was read while nobody wrote`() throws {
        let log = log
        var chain = try chain(log)
        let next = WrittenLog(salts: 0x0000_0008_ABCD_EF01)
        #expect(isBroken(chain.continuation(in: next.header, frame: nil)))
        chain.complete()
        #expect(chain.continuation(in: next.header, frame: nil) == .begunAnew(next.header.start))
        #expect(chain.continuation(in: log.header, frame: log.position.checksum) == .goesOn)
        // Begun anew twice, or another database's.
        for salts in [0x0000_0009_ABCD_EF01, 0x0000_0006_ABCD_EF01, 0x0000_0007_ABCD_EF01] as [UInt64] {
            #expect(isBroken(chain.continuation(in: WrittenLog(salts: salts).header, frame: nil)))
        }
        chain.reopen()
        #expect(isBroken(chain.continuation(in: next.header, frame: nil)))
        chain.complete()
        chain.advance(to: next.position)
        #expect(chain.number == 5 && chain.position == next.position && !chain.isComplete)
        // The first salt counts on from its largest.
        var last = LogChain(.next(after: nil), number: 0, position: WrittenLog(salts: 0xFFFF_FFFF_0000_0001).position, pageBytes: 512)
        last.complete()
        let first = WrittenLog(salts: 0x0000_0000_0000_0002)
        #expect(last.continuation(in: first.header, frame: nil) == .begunAnew(first.header.start))
    }

    @Test func `has a name that sorts behind that of the one before`() throws {
        let first = LogGeneration.next(after: nil)
        #expect(first.description.hasPrefix("000001") && first.description.utf8.count == 12)
        let second = LogGeneration.next(after: first)
        #expect(second.description.hasPrefix("000002") && first < second)
        #expect(LogGeneration(text: second.description) == second)
        for text in ["", "00000", "00000G000000", "0000010000000", "../000000000"] { #expect(LogGeneration(text: text) == nil) }
    }
}
