import SeaworthyQuery
import SeaworthySchema
import SeededNumbers
import Testing

@Suite struct CursorPositionTests {
    static let values: [Value] = [
        .null, .integer(.min), .integer(-1), .integer(0), .integer(.max), .double(-1.5), .double(.leastNonzeroMagnitude),
        .double(.greatestFiniteMagnitude),
        .text(""),
        .text("caf\u{E9}"), .text("cafe\u{301}"), .text("😀\0"), .bytes([]), .bytes([0, 0xFF]),
    ]

    @Test func `values come back as they were`() {
        for value in Self.values { #expect(CursorPosition.decode(CursorPosition.encode([value]), count: 1) == [value], "\(value)") }
        #expect(CursorPosition.decode(CursorPosition.encode(Self.values), count: Self.values.count) == Self.values)
        #expect(CursorPosition.decode([], count: 0) == [])
    }

    @Test func `numbers are written with the highest byte first`() {
        #expect(CursorPosition.encode([.null, .integer(258)]) == [0, 1, 0, 0, 0, 0, 0, 0, 1, 2])
        #expect(CursorPosition.encode([.text("a")]) == [3, 0, 0, 0, 0, 0, 0, 0, 1, 0x61])
        #expect(CursorPosition.encode([.bytes([9])]) == [4, 0, 0, 0, 0, 0, 0, 0, 1, 9])
        #expect(CursorPosition.encode([.double(1)]) == [2, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0])
    }

    @Test func `another number of values, a cut or something behind them is refused`() {
        let bytes = CursorPosition.encode(Self.values)
        for count in [0, 1, Self.values.count - 1, Self.values.count + 1] { #expect(CursorPosition.decode(bytes, count: count) == nil) }
        for length in 0..<bytes.count { #expect(CursorPosition.decode(Array(bytes.prefix(length)), count: Self.values.count) == nil) }
        #expect(CursorPosition.decode(bytes + [0], count: Self.values.count) == nil)
    }

    @Test func `unknown tags, lengths beyond the end and invalid UTF-8 are refused`() {
        #expect(CursorPosition.decode([5, 0, 0, 0, 0, 0, 0, 0, 0], count: 1) == nil)
        #expect(CursorPosition.decode([3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], count: 1) == nil)
        #expect(CursorPosition.decode([4, 0, 0, 0, 0, 0, 0, 0, 2, 1], count: 1) == nil)
        #expect(CursorPosition.decode([3, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF], count: 1) == nil)
        #expect(CursorPosition.decode([4, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF], count: 1) == [.bytes([0xFF])])
    }

    @Test func `random bytes are decoded to what encodes to them, or refused`() {
        var random = SplitMix(seed: 99)
        var decoded = 0
        for _ in 0..<2_000 {
            let bytes = (0..<random.number(0..<30)).map { _ in UInt8(random.chance(70) ? random.number(0..<5) : random.number(0..<256)) }
            let count = random.number(0..<4)
            guard let values = CursorPosition.decode(bytes, count: count) else { continue }
            decoded += 1
            #expect(values.count == count)
            #expect(CursorPosition.encode(values) == bytes)
        }
        #expect(decoded > 0)
    }
}
