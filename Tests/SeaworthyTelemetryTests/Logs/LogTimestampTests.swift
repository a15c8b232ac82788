import Testing

@testable import SeaworthyTelemetry

struct LogTimestampTests {
    private func text(_ instant: Int64) -> String {
        var timestamp = LogTimestamp()
        var bytes: [UInt8] = []
        timestamp.append(instant, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (951_868_799_999, "2000-02-29T23:59:59.999Z"),
        (951_868_800_000, "2000-03-01T00:00:00.000Z"),
        (1_709_164_800_000, "2024-02-29T00:00:00.000Z"), (1_735_689_599_123, "2024-12-31T23:59:59.123Z"),
        (1_735_689_600_000, "2025-01-01T00:00:00.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (4_107_542_399_000, "2100-02-28T23:59:59.000Z"),
        (1_234_567_890_000, "2009-02-13T23:31:30.000Z"),
        (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
    ])
    func `a time is RFC 3339 in UTC with milliseconds`(instant: Int64, expected: String) {
        #expect(text(instant) == expected)
    }

    @Test func `the kept text follows the clock`() {
        var timestamp = LogTimestamp()
        var bytes: [UInt8] = []
        for instant: Int64 in [5, 5, 6, 5] { timestamp.append(instant, to: &bytes) }
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "1970-01-01T00:00:00.005Z1970-01-01T00:00:00.005Z1970-01-01T00:00:00.006Z1970-01-01T00:00:00.005Z")
    }

    @Test func `the clock counts milliseconds since 1970`() {
        #expect(LogTimestamp.now() > 1_700_000_000_000)
        #expect(LogTimestamp.now() < 10_000_000_000_000)
    }
}
