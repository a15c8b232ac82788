import NIOCore
import Testing

@testable import SeaworthyHTTP

@Suite struct `Gzip stream` {
    private static func noise(_ count: Int) -> [UInt8] {
        var generator = RequestID.Generator(high: 1, low: 2)
        var text = ""
        while text.utf8.count < count {
            text += generator.next()
        }
        return Array(text.utf8.prefix(count))
    }

    @Test(arguments: [0, 1, 1000, 65_536, 300_000]) func `gives back the same`(count: Int) throws {
        for bytes in [
            [UInt8](repeating: 120, count: count), Self.noise(count), (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) },
        ] {
            let stream = try #require(GzipStream.make())
            let compressed = try stream.compress(ByteBuffer(bytes: bytes), isLast: true)
            let gunzip = Gunzip()
            #expect(gunzip.read(Array(buffer: compressed)) == bytes)
            #expect(gunzip.isAtEnd)
        }
    }

    @Test func `makes each piece readable when it is written`() throws {
        let stream = try #require(GzipStream.make())
        let gunzip = Gunzip()
        for text in ["one", "two", "", "three"] {
            #expect(gunzip.read(Array(buffer: try stream.compress(ByteBuffer(string: text), isLast: false))) == Array(text.utf8))
            #expect(!gunzip.isAtEnd)
        }
        #expect(gunzip.read(Array(buffer: try stream.compress(ByteBuffer(), isLast: true))) == [])
        #expect(gunzip.isAtEnd)
    }

    @Test func `shrinks JSON to less than a quarter`() throws {
        let json = (0..<500).map { #"{"OrderID":\#($0),"ShipCountry":"France","Freight":"\#($0).50"}"# }.joined(separator: ",")
        let compressed = try #require(GzipStream.make()).compress(ByteBuffer(string: json), isLast: true)
        #expect(compressed.readableBytes * 4 < json.utf8.count)
    }

    @Test func `has a bound on how many are open`() throws {
        let limit = GzipStream.Limit(2)
        var first = GzipStream.make(limit)
        let second = GzipStream.make(limit)
        #expect(first != nil && second != nil)
        #expect(GzipStream.make(limit) == nil)
        first = nil
        #expect(GzipStream.make(limit) != nil)
        #expect(GzipStream.Limit.shared.maximum == 256)
        _ = second
    }
}
