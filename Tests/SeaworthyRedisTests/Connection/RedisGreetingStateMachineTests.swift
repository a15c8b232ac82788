import NIOCore
import Testing

@testable import SeaworthyRedis

@Suite struct RedisGreetingStateMachineTests {
    private static let hello: RESPValue = .map([
        .text("server"), .text("redis"), .text("version"), .text("7.0.15"), .text("proto"), .integer(3), .text("mode"), .text("standalone"),
        .text("role"), .text("master"),
    ])

    private static func command(_ words: RedisCommand.Word...) -> RedisCommand { RedisCommand(words) }

    @Test func `says HELLO with its name, and is done`() {
        var greeting = RedisGreetingStateMachine(clientName: "me")
        #expect(greeting.begin() == .send([Self.command("HELLO", "3", "SETNAME", "me")]))
        #expect(greeting.received(Self.hello) == .done(RedisGreeting(protocolVersion: 3, version: "7.0.15")))
    }

    @Test func `signs in as it greets, as the default user where none is named`() {
        var greeting = RedisGreetingStateMachine(password: "pw", clientName: "me")  // not-a-secret
        #expect(greeting.begin() == .send([Self.command("HELLO", "3", "AUTH", "default", "pw", "SETNAME", "me")]))
        var named = RedisGreetingStateMachine(user: "app", password: "pw", clientName: "me")  // not-a-secret
        #expect(named.begin() == .send([Self.command("HELLO", "3", "AUTH", "app", "pw", "SETNAME", "me")]))
    }

    @Test func `chooses its database behind the greeting`() {
        var greeting = RedisGreetingStateMachine(database: 3, clientName: "me")
        _ = greeting.begin()
        #expect(greeting.received(Self.hello) == .send([Self.command("SELECT", .integer(3))]))
        #expect(greeting.received(.text("OK")) == .done(RedisGreeting(protocolVersion: 3, version: "7.0.15")))
    }

    @Test func `a database that is not there ends it`() {
        var greeting = RedisGreetingStateMachine(database: 99, clientName: "me")
        _ = greeting.begin()
        _ = greeting.received(Self.hello)
        let error = RedisReplyError("ERR DB index is out of range")
        #expect(greeting.received(.failure(error)) == .fail(RedisError(.wrongServer, "there is no database 99", reply: error)))
    }

    @Test(arguments: ["NOPROTO unsupported protocol version", "ERR unknown command 'HELLO'"])
    func `an older server is greeted in its own way`(message: String) {
        var greeting = RedisGreetingStateMachine(user: "app", password: "pw", database: 2, clientName: "me")  // not-a-secret
        _ = greeting.begin()
        #expect(
            greeting.received(.failure(RedisReplyError(message)))
                == .send([Self.command("AUTH", "app", "pw"), Self.command("CLIENT", "SETNAME", "me"), Self.command("INFO")]))
        #expect(greeting.received(.text("OK")) == .wait)
        #expect(greeting.received(.failure(RedisReplyError("ERR unknown subcommand"))) == .wait)
        #expect(
            greeting.received(.text("# Server\r\nredis_version:5.0.3\r\nredis_mode:standalone\r\n# Replication\r\nrole:slave\r\n"))
                == .send([Self.command("SELECT", .integer(2))]))
        #expect(greeting.received(.text("OK")) == .done(RedisGreeting(protocolVersion: 2, version: "5.0.3", isReplica: true)))
    }

    @Test func `an older server without users gets the password alone, and one without a password none`() {
        var greeting = RedisGreetingStateMachine(password: "pw", clientName: "me")  // not-a-secret
        _ = greeting.begin()
        #expect(
            greeting.received(.failure(RedisReplyError("NOPROTO")))
                == .send([Self.command("AUTH", "pw"), Self.command("CLIENT", "SETNAME", "me"), Self.command("INFO")]))
        #expect(greeting.received(.failure(RedisReplyError("ERR invalid password"))).isRefusal)
        var open = RedisGreetingStateMachine(clientName: "me")
        _ = open.begin()
        #expect(
            open.received(.failure(RedisReplyError("NOPROTO"))) == .send([Self.command("CLIENT", "SETNAME", "me"), Self.command("INFO")]))
        _ = open.received(.failure(RedisReplyError("NOAUTH Authentication required.")))
        #expect(open.received(.failure(RedisReplyError("NOAUTH Authentication required."))).isRefusal)
    }

    @Test func `an older server whose INFO may not be read is taken for one by itself`() {
        var greeting = RedisGreetingStateMachine(clientName: "me")
        _ = greeting.begin()
        _ = greeting.received(.failure(RedisReplyError("NOPROTO")))
        _ = greeting.received(.text("OK"))
        #expect(greeting.received(.failure(RedisReplyError("NOPERM no INFO"))) == .done(RedisGreeting(protocolVersion: 2)))
    }

    @Test(arguments: [
        "WRONGPASS invalid username-password pair", "NOAUTH HELLO must be called with", "NOPERM this user has no permissions",
    ])
    func `who is not let in is told so`(message: String) {
        var greeting = RedisGreetingStateMachine(clientName: "me")
        _ = greeting.begin()
        #expect(greeting.received(.failure(RedisReplyError(message))).isRefusal)
    }

    @Test func `another error is told as it is, and nothing more is expected behind it`() {
        var greeting = RedisGreetingStateMachine(clientName: "me")
        _ = greeting.begin()
        let error = RedisReplyError("LOADING Redis is loading the dataset in memory")
        #expect(greeting.received(.failure(error)) == .fail(RedisError(error)))
        guard case .fail(let second) = greeting.received(.text("OK")) else {
            Issue.record("an answer that nobody asked for was taken")
            return
        }
        #expect(second.code == .protocolViolation)
    }

    @Test(arguments: ["cluster", "sentinel"]) func `what has one database alone refuses another`(mode: String) {
        var greeting = RedisGreetingStateMachine(database: 1, clientName: "me")
        _ = greeting.begin()
        guard case .fail(let error) = greeting.received(.map([.text("mode"), .text(mode), .text("role"), .text("master")])) else {
            Issue.record("taken")
            return
        }
        #expect(error.code == .wrongServer)
    }

    @Test func `sees a replica and a cluster`() {
        #expect(RedisGreeting(hello: .map([.text("role"), .text("replica")])).isReplica)
        #expect(!RedisGreeting(hello: .map([.text("role"), .text("master")])).isReplica)
        #expect(RedisGreeting(hello: .map([.text("mode"), .text("cluster")])).mode == .cluster)
        #expect(
            RedisGreeting(info: "redis_mode:sentinel\r\nrole:sentinel\r\nno colon\r\n")
                == RedisGreeting(protocolVersion: 2, mode: .sentinel))
    }
}

extension RedisGreetingStateMachine.Action {
    fileprivate var isRefusal: Bool {
        if case .fail(let error) = self { error.code == .authentication } else { false }
    }
}
