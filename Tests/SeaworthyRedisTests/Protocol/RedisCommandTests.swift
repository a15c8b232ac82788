import NIOCore
import Testing

@testable import SeaworthyRedis

@Suite struct RedisCommandTests {
    @Test func `is written as an array of texts with their lengths in bytes`() {
        var buffer = ByteBuffer()
        buffer.write(RedisCommand("SET", key: "schlüssel", .bytes(ByteBuffer(bytes: [0, 13, 10])), .integer(-12)))
        #expect(String(buffer: buffer) == "*4\r\n$3\r\nSET\r\n$10\r\nschlüssel\r\n$3\r\n\0\r\n\r\n$3\r\n-12\r\n")
    }

    @Test func `knows its key, by which a cluster finds it`() {
        #expect(RedisCommand("GET", key: "a").key == "a")
        #expect(RedisCommand(["PING"]).key == nil)
        #expect(RedisCommand(["EVAL", "x", "1", "k"], key: 3).key == "k")
        #expect(RedisCommand(["EVAL"], key: 3).key == nil)
    }

    @Test func `a script is known by its hash, and its first key decides where it runs`() {
        let script = RedisScript("return 1")
        // As `redis-cli script load "return 1"` says.
        #expect(script.hash == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
        let command = script.byHash(["k1", "k2"], ["a"])
        #expect(command.words == ["EVALSHA", .text(script.hash), .integer(2), "k1", "k2", "a"])
        #expect(command.key == "k1")
        #expect(script.whole([], []).words == ["EVAL", "return 1", .integer(0)])
        #expect(script.whole([], []).key == nil)
    }

    @Test func `an error's first word tells whether the server is well`() {
        for kind in [
            "LOADING", "MASTERDOWN", "READONLY", "OOM", "MISCONF", "CLUSTERDOWN", "NOREPLICAS", "BUSY", "NOAUTH", "NOPERM", "WRONGPASS",
        ] {
            #expect(RedisError(RedisReplyError("\(kind) and more")).isOutage)
        }
        for kind in ["WRONGTYPE", "ERR", "NOSCRIPT", "MOVED", "ASK"] { #expect(!RedisError(RedisReplyError("\(kind) and more")).isOutage) }
        for code in [RedisError.Code.disconnected, .timeout, .authentication, .protocolViolation, .wrongServer] {
            #expect(RedisError(code, "").isOutage)
        }
        for code in [RedisError.Code.queueFull, .circuitOpen, .closed, .tooManyRedirects] { #expect(!RedisError(code, "").isOutage) }
        #expect(RedisError(RedisReplyError("WRONGTYPE secret-key holds a list")).description == "redis.refused: Redis answered WRONGTYPE")
    }
}
