import Synchronization

/// Fresh names of traces and spans, from any thread, without a lock.
///
/// Seeded from the system once and stepped by SplitMix64 (Steele, Lea, Flood 2014): names have to be distinct and evenly spread, not secret, and
/// the system's generator costs a call into the kernel each time.
struct TraceIDGenerator: ~Copyable, Sendable {
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    private let high: Atomic<UInt64>
    private let low: Atomic<UInt64>
    private let span: Atomic<UInt64>

    init() {
        var system = SystemRandomNumberGenerator()
        high = Atomic(system.next())
        low = Atomic(system.next())
        span = Atomic(system.next())
    }

    func traceID() -> TraceID {
        while true {
            if let id = TraceID(high: Self.next(high), low: Self.next(low)) { return id }
        }
    }

    func spanID() -> SpanID {
        while true {
            if let id = SpanID(bits: Self.next(span)) { return id }
        }
    }

    private static func next(_ state: borrowing Atomic<UInt64>) -> UInt64 {
        var word = state.wrappingAdd(step, ordering: .relaxed).newValue
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
