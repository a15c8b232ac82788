import Testing

@testable import SeaworthyTelemetry

@Suite struct `Which traces are recorded` {
    private func id(_ low: UInt64) throws -> TraceID { try #require(TraceID(high: 1, low: low)) }

    private func parent(_ isSampled: Bool) throws -> TraceContext {
        TraceContext(
            traceID: try id(.max), spanID: try #require(SpanID(bits: 1)), flags: isSampled ? .sampled : [], isRemote: true)
    }

    @Test func `all or none, whatever a parent says`() throws {
        for parent in [nil, try parent(true), try parent(false)] {
            #expect(try TraceSampler.alwaysOn.samples(id(0), parent: parent))
            #expect(try !TraceSampler.alwaysOff.samples(id(0), parent: parent))
        }
    }

    /// The bounds are those of the SDKs for Go and Java: the share of 2^63, compared with the last 64 bits without the lowest.
    @Test(arguments: [
        (0.0, UInt64(0), false), (1.0, .max, true), (0.5, 0x7FFF_FFFF_FFFF_FFFF, true), (0.5, 0x8000_0000_0000_0000, false),
        (0.25, 0x3FFF_FFFF_FFFF_FFFF, true), (0.25, 0x4000_0000_0000_0000, false), (0.01, 0x028F_5C28_F5C2_8F5F, true),
        (0.01, 0x028F_5C28_F5C2_8F60, false), (0.0, 1, false),
    ]) func `a share by the name of the trace`(ratio: Double, low: UInt64, isSampled: Bool) throws {
        #expect(try TraceSampler.ratio(ratio).samples(id(low), parent: nil) == isSampled)
        #expect(try TraceSampler.ratio(ratio).samples(id(low), parent: parent(!isSampled)) == isSampled)
    }

    @Test func `as whoever sent the request decided`() throws {
        for root in [TraceSampler.alwaysOn, .alwaysOff, .ratio(0.5)] {
            #expect(try TraceSampler.parentBased(root: root).samples(id(.max), parent: parent(true)))
            #expect(try !TraceSampler.parentBased(root: root).samples(id(0), parent: parent(false)))
        }
        #expect(try TraceSampler.parentBased(root: .alwaysOn).samples(id(.max), parent: nil))
        #expect(try !TraceSampler.parentBased(root: .alwaysOff).samples(id(0), parent: nil))
        #expect(try !TraceSampler.parentBased(root: .ratio(0.5)).samples(id(.max), parent: nil))
    }

    @Test func `names are distinct, and their shares are even`() {
        let ids = TraceIDGenerator()
        let traces = (0..<100_000).map { _ in ids.traceID() }
        #expect(Set(traces).count == traces.count)
        #expect(Set(traces.map(\.low)).count == traces.count)
        #expect(Set((0..<100_000).map { _ in ids.spanID() }).count == 100_000)
        let sampled = traces.count { TraceSampler.ratio(0.1).samples($0, parent: nil) }
        // Ten standard deviations.
        #expect(abs(sampled - 10_000) < 950)
    }

    @Test func `no bits are no name`() {
        #expect(TraceID(high: 0, low: 0) == nil)
        #expect(TraceID(high: 0, low: 1)?.text == "00000000000000000000000000000001")
        #expect(TraceID(high: 1, low: 0)?.text == "00000000000000010000000000000000")
        #expect(SpanID(bits: 0) == nil)
    }
}
