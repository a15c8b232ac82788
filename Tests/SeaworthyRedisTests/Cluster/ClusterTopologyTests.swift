import NIOCore
import Testing

@testable import SeaworthyRedis

@Suite struct ClusterTopologyTests {
    private static let asked = RedisEndpoint(host: "10.0.0.9", port: 7009)

    private static func range(_ first: Int64, _ last: Int64, _ host: RESPValue, _ port: Int64) -> RESPValue {
        .array([
            .integer(first), .integer(last), .array([host, .integer(port), .text("id"), .array([])]),
            .array([.text("10.0.0.77"), .integer(7), .text("replica")]),
        ])
    }

    @Test(arguments: [
        ("123456789", 12739), ("foo", 12182), ("{user1000}.following", 3443), ("{user1000}.followers", 3443), ("foo{}{bar}", 8363),
        ("foo{{bar}}zap", 4015), ("foo{bar}{zap}", 5061), ("", 0),
    ])
    func `a key's slot is what CLUSTER KEYSLOT says`(key: String, slot: Int) {
        #expect(KeySlot.of(.text(key)) == slot)
        #expect(KeySlot.of(.bytes(ByteBuffer(string: key))) == slot)
    }

    @Test func `a number as a key is its digits`() {
        #expect(KeySlot.of(.integer(123_456_789)) == 12739)
    }

    @Test func `knows the primary of every slot`() throws {
        let answer: RESPValue = .array([
            Self.range(0, 5460, .text("10.0.0.1"), 7001), Self.range(5461, 10922, .text(""), 7002), Self.range(10923, 16383, .null, 7003),
        ])
        let topology = try #require(ClusterTopology(slots: answer, asked: Self.asked))
        #expect(topology.isWhole)
        #expect(topology.owner(of: 0) == RedisEndpoint(host: "10.0.0.1", port: 7001))
        #expect(topology.owner(of: 5460) == RedisEndpoint(host: "10.0.0.1", port: 7001))
        #expect(topology.owner(of: 5461) == RedisEndpoint(host: "10.0.0.9", port: 7002))
        #expect(topology.owner(of: 16383) == RedisEndpoint(host: "10.0.0.9", port: 7003))
        #expect(topology.endpoints.count == 3)
    }

    @Test func `takes over what has moved, also to a server that it did not know`() throws {
        var topology = try #require(ClusterTopology(slots: .array([Self.range(0, 100, .text("a"), 1)]), asked: Self.asked))
        #expect(!topology.isWhole)
        #expect(topology.owner(of: 101) == nil)
        let other = RedisEndpoint(host: "b", port: 2)
        topology.move(50, to: other)
        topology.move(KeySlot.count, to: other)
        #expect(topology.owner(of: 50) == other)
        #expect(topology.owner(of: 51) == RedisEndpoint(host: "a", port: 1))
        #expect(topology.endpoints == [RedisEndpoint(host: "a", port: 1), other])
    }

    @Test func `refuses what is no such answer`() {
        for answer: RESPValue in [
            .integer(1), .array([.integer(1)]), .array([.array([.integer(1), .integer(2)])]), .array([Self.range(-1, 5, .text("a"), 1)]),
            .array([Self.range(0, 16384, .text("a"), 1)]), .array([Self.range(6, 5, .text("a"), 1)]),
            .array([Self.range(0, 5, .text("a"), 0)]),
            .array([Self.range(0, 5, .text("a"), 65536)]),
        ] {
            #expect(ClusterTopology(slots: answer, asked: Self.asked) == nil)
        }
        #expect(ClusterTopology(slots: .array([]), asked: Self.asked)?.endpoints == [])
    }

    @Test(arguments: [
        ("MOVED 3999 127.0.0.1:6381", ClusterRedirect.moved(slot: 3999, RedisEndpoint(host: "127.0.0.1", port: 6381))),
        ("MOVED 3999 :6381", .moved(slot: 3999, RedisEndpoint(host: "10.0.0.9", port: 6381))),
        ("MOVED 1 ::1:6381", .moved(slot: 1, RedisEndpoint(host: "::1", port: 6381))),
        ("ASK 3999 ?:6381", .ask(RedisEndpoint(host: "10.0.0.9", port: 6381))),
        ("TRYAGAIN Multiple keys request during rehashing of slot", .later), ("CLUSTERDOWN The cluster is down", .later),
        ("MOVED 16384 a:1", nil), ("MOVED x a:1", nil), ("MOVED 1 a", nil), ("MOVED 1", nil), ("ASK 1 a:0", nil), ("ASK", nil),
        ("ERR no", nil),
    ])
    func `reads where to go`(message: String, redirect: ClusterRedirect?) {
        #expect(ClusterRedirect(RedisReplyError(message), asked: Self.asked) == redirect)
    }
}
