import NIOCore
import SeededNumbers
import Testing

@testable import SeaworthyRedis

@Suite struct RESPDecoderTests {
    /// What comes, and what it means.
    static let values: [(String, RESPValue)] = [
        ("+OK\r\n", .text("OK")),
        ("+\r\n", .text("")),
        ("-ERR no such thing\r\n", .failure(RedisReplyError("ERR no such thing"))),
        (":1000\r\n", .integer(1000)),
        (":-9223372036854775808\r\n", .integer(.min)),
        (":+7\r\n", .integer(7)),
        ("$5\r\nhello\r\n", .text("hello")),
        ("$0\r\n\r\n", .text("")),
        ("$4\r\n\r\n\r\n\r\n", .text("\r\n\r\n")),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("*0\r\n", .array([])),
        ("*2\r\n$1\r\na\r\n:2\r\n", .array([.text("a"), .integer(2)])),
        ("*2\r\n*1\r\n_\r\n*0\r\n", .array([.array([.null]), .array([])])),
        ("_\r\n", .null),
        ("#t\r\n", .boolean(true)),
        ("#f\r\n", .boolean(false)),
        (",1.5\r\n", .double(1.5)),
        (",-inf\r\n", .double(-.infinity)),
        ("(3492890328409238509324850943850943825024385\r\n", .text("3492890328409238509324850943850943825024385")),
        ("!9\r\nOOM sorry\r\n\r\n".replacing("sorry\r\n", with: "sorry"), .failure(RedisReplyError("OOM sorry"))),
        ("=8\r\ntxt:abcd\r\n", .text("abcd")),
        ("%2\r\n+a\r\n:1\r\n+b\r\n*1\r\n:2\r\n", .map([.text("a"), .integer(1), .text("b"), .array([.integer(2)])])),
        ("%0\r\n", .map([])),
        ("~2\r\n:1\r\n:2\r\n", .array([.integer(1), .integer(2)])),
        (">2\r\n+message\r\n+x\r\n", .push([.text("message"), .text("x")])),
        // Remarks stand before what they are about, also within arrays.
        ("|1\r\n+ttl\r\n:3\r\n*2\r\n:1\r\n|1\r\n+a\r\n+b\r\n:2\r\n", .array([.integer(1), .integer(2)])),
        ("|0\r\n:5\r\n", .integer(5)),
    ]

    @Test(arguments: values.indices) func `reads a value whole`(index: Int) throws {
        let (text, value) = Self.values[index]
        var (decoder, buffer) = (RESPDecoder(), ByteBuffer(string: text))
        #expect(try decoder.next(&buffer) == value)
        #expect(buffer.readableBytes == 0)
        #expect(try decoder.next(&buffer) == nil)
    }

    @Test(arguments: values.indices) func `reads a value that comes byte by byte, and never sooner than whole`(index: Int) throws {
        let (text, value) = Self.values[index]
        var (decoder, buffer) = (RESPDecoder(), ByteBuffer())
        for (position, byte) in text.utf8.enumerated() {
            buffer.writeInteger(byte)
            let read = try decoder.next(&buffer)
            #expect(read == (position == text.utf8.count - 1 ? value : nil))
        }
    }

    @Test func `reads all values out of bytes that are joined and split anywhere`() throws {
        let bytes = Array(Self.values.map(\.0).joined().utf8)
        for split in 0...bytes.count {
            var (decoder, buffer) = (RESPDecoder(), ByteBuffer())
            var read: [RESPValue] = []
            for part in [bytes[..<split], bytes[split...]] {
                buffer.discardReadBytes()
                buffer.writeBytes(part)
                while let value = try decoder.next(&buffer) { read.append(value) }
            }
            #expect(read == Self.values.map(\.1), "split at \(split)")
        }
    }

    @Test(arguments: [
        "hello\r\n", "\r\n", "+OK\n", "+OK\rX\n", ":\r\n", ":12a\r\n", ":9223372036854775808\r\n", ":-9223372036854775809\r\n", ":-\r\n",
        "$-2\r\n",
        "$x\r\n", "$3\r\nabcd\r\n", "*-2\r\n", "%-1\r\n", "~-1\r\n", "#\r\n", "#x\r\n", "#tt\r\n", ",abc\r\n", "_x\r\n", "=3\r\nabc\r\n",
        "=4\r\nabcd\r\n",
        "$?\r\n", "*?\r\n", ".\r\n", "\n", "!-1\r\n",
    ])
    func `refuses what is no value`(text: String) {
        var (decoder, buffer) = (RESPDecoder(), ByteBuffer(string: text))
        #expect(throws: RESPDecoder.Violation.self) { try decoder.next(&buffer) }
    }

    @Test(arguments: [
        ("$11\r\n", false), ("$10\r\n0123456789\r\n", true), ("+1234567890123456789\r\n", true), ("+12345678901234567890\r\n", false),
        // Without an end in sight, too.
        ("+123456789012345678901234", false), ("*5\r\n", false), ("*4\r\n:1\r\n:1\r\n:1\r\n*0\r\n", false),
        ("*3\r\n:1\r\n:1\r\n:1\r\n", true), ("*1\r\n*1\r\n*1\r\n", false), ("*1\r\n*1\r\n:1\r\n", true), ("%4\r\n", false),
    ])
    func `holds every bound`(text: String, fits: Bool) throws {
        var limits = RESPDecoder.Limits()
        limits.textBytes = 10
        limits.lineBytes = 21
        limits.values = 4
        limits.depth = 2
        var (decoder, buffer) = (RESPDecoder(limits), ByteBuffer(string: text))
        if fits {
            #expect(try decoder.next(&buffer) != nil)
        } else {
            #expect(throws: RESPDecoder.Violation.self) { try decoder.next(&buffer) }
        }
    }

    @Test func `counts the values of each answer by itself`() throws {
        var limits = RESPDecoder.Limits()
        limits.values = 2
        var (decoder, buffer) = (RESPDecoder(limits), ByteBuffer(string: String(repeating: ":1\r\n", count: 10)))
        for _ in 0..<10 { #expect(try decoder.next(&buffer) == .integer(1)) }
    }

    @Test(arguments: 0..<200) func `survives random bytes, and reads what was written in random pieces`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        var noise = ByteBuffer(
            bytes: (0..<400).map { _ in Array("+-:$*%~>#,_(!=|\r\n0123456789?tf".utf8).randomElement(using: &random) ?? 0 })
        var decoder = RESPDecoder()
        do { while try decoder.next(&noise) != nil {} } catch {}

        let wanted = (0..<20).map { _ in Self.value(&random, depth: 0) }
        var bytes = ByteBuffer()
        for value in wanted { Self.write(value, to: &bytes) }
        var (reader, buffer, read) = (RESPDecoder(), ByteBuffer(), [RESPValue]())
        while bytes.readableBytes > 0 {
            let count = Int.random(in: 1...min(40, bytes.readableBytes), using: &random)
            if var part = bytes.readSlice(length: count) { buffer.writeBuffer(&part) }
            while let value = try reader.next(&buffer) { read.append(value) }
        }
        #expect(read == wanted)
    }

    private static func value(_ random: inout SplitMix, depth: Int) -> RESPValue {
        switch Int.random(in: 0...(depth < 3 ? 8 : 5), using: &random) {
        case 0: return .null
        case 1: return .integer(Int64(bitPattern: random.next()))
        case 2: return .boolean(.random(using: &random))
        case 3: return .failure(RedisReplyError("ERR \(random.next())"))
        case 4: return .double(Double(Int32(truncatingIfNeeded: random.next())) / 8)
        case 5:
            return .text(
                ByteBuffer(bytes: (0..<Int.random(in: 0...60, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }))
        case 6: return .array((0..<Int.random(in: 0...5, using: &random)).map { _ in value(&random, depth: depth + 1) })
        case 7: return .map((0..<Int.random(in: 0...3, using: &random) * 2).map { _ in value(&random, depth: depth + 1) })
        default: return .push((0..<Int.random(in: 0...4, using: &random)).map { _ in value(&random, depth: depth + 1) })
        }
    }

    private static func write(_ value: RESPValue, to buffer: inout ByteBuffer) {
        switch value {
        case .null: buffer.writeString("_\r\n")
        case .integer(let number): buffer.writeString(":\(number)\r\n")
        case .boolean(let isTrue): buffer.writeString(isTrue ? "#t\r\n" : "#f\r\n")
        case .failure(let error): buffer.writeString("-\(error.message)\r\n")
        case .double(let number): buffer.writeString(",\(number)\r\n")
        case .text(let text):
            buffer.writeString("$\(text.readableBytes)\r\n")
            buffer.writeImmutableBuffer(text)
            buffer.writeString("\r\n")
        case .array(let values), .push(let values), .map(let values):
            var (sign, count) = ("*", values.count)
            if case .push = value { sign = ">" }
            if case .map = value { (sign, count) = ("%", count / 2) }
            buffer.writeString("\(sign)\(count)\r\n")
            for value in values { write(value, to: &buffer) }
        }
    }

    @Test func `gives members by their names, of a map and of what RESP2 has for it`() {
        let members: [RESPValue] = [.text("proto"), .integer(3), .text("mode"), .text("cluster")]
        for value in [RESPValue.map(members), .array(members)] {
            #expect(value["proto"]?.int == 3)
            #expect(value["mode"]?.string == "cluster")
            #expect(value["3"] == nil)
        }
        #expect(RESPValue.text("17").int == 17)
        #expect(RESPValue.integer(1)["x"] == nil)
        #expect(RESPValue.map([.text("odd")])["odd"] == nil)
    }
}

extension RESPValue {
    static func text(_ text: String) -> RESPValue { .text(ByteBuffer(string: text)) }
}
