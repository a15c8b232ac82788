import NIOCore
import NIOPosix
import RedisServing
import SeaworthyStorage
import Testing

@testable import SeaworthyRedis

@Suite(.timeLimit(.minutes(2))) struct RedisConnectionGroupTests {
    private static func withConnections(
        _ threads: Int, _ lines: [String] = [],
        _ body: (RedisServer, MultiThreadedEventLoopGroup, RedisConnectionGroup) async throws -> Void
    ) async throws {
        let server = try await RedisServer.start(lines)
        defer { server.stop() }
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let connections = try await RedisConnectionGroup.connect(to: endpoint(server), quick(server.address), tls: nil, on: loops)
        try await body(server, loops, connections)
        connections.close()
        try await loops.shutdownGracefully()
    }

    private static func endpoint(_ server: RedisServer) -> RedisEndpoint { RedisEndpoint(host: "127.0.0.1", port: server.port) }

    /// How the server calls the connection that is used on an event loop.
    private static func id(on loop: any EventLoop, _ connections: RedisConnectionGroup) async throws -> Int64? {
        let id = loop.makePromise(of: Int64?.self)
        loop.execute {
            connections.post([(RedisCommand(["CLIENT", "ID"]), .observer { id.completeWith($0.map(\.int).mapError { $0 as any Error }) })])
        }
        return try await id.futureResult.get()
    }

    private static func count(_ server: RedisServer) async throws -> Int {
        try await server.shell("client", "list").split(separator: "\n").filter { $0.contains("name=seaworthy") }.count
    }

    @Test func `each event loop has its own, and who is on none shares one`() async throws {
        try await Self.withConnections(3) { server, loops, connections in
            #expect(try await Self.count(server) == 3)
            var ids: [Int64?] = []
            for loop in loops.makeIterator() {
                ids.append(try await Self.id(on: loop, connections))
                #expect(try await Self.id(on: loop, connections) == ids.last)
            }
            #expect(Set(ids.compactMap(\.self)).count == 3)
            for _ in 0..<10 { #expect(try await connections.send(RedisCommand(["CLIENT", "ID"])).int == ids[0]) }
        }
    }

    @Test func `many event loops share eight`() async throws {
        try await Self.withConnections(19) { server, loops, connections in
            #expect(try await Self.count(server) == 8)
            var ids: Set<Int64> = []
            for loop in loops.makeIterator() { ids.insert(try #require(try await Self.id(on: loop, connections))) }
            #expect(ids.count == 8)
        }
    }

    @Test func `when one ends, that is the end of all`() async throws {
        try await Self.withConnections(3) { server, loops, connections in
            #expect(connections.isOpen)
            var last: Int64?
            for loop in loops.makeIterator() { last = try await Self.id(on: loop, connections) }
            try await server.shell("client", "kill", "id", String(try #require(last)))
            #expect(await connections.closed().code == .disconnected)
            #expect(!connections.isOpen)
            connections.close(RedisError(.closed, "for the test"))
            try await until { try await Self.count(server) == 0 }
            await #expect(throws: RedisError.self) { try await connections.send(RedisCommand(["PING"])) }
        }
    }

    @Test func `a client that lost one of its connections has all of them again`() async throws {
        let server = try await RedisServer.start()
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            let whole = try await Self.count(server)
            let before = client.recoveries
            let ids = try await server.shell("client", "list").split(separator: "\n").filter { $0.contains("name=seaworthy") }.map {
                String($0.prefix { $0 != " " }.dropFirst(3))
            }
            try await server.shell("client", "kill", "id", try #require(ids.last))
            try await until { client.recoveries > before && client.status.isUp }
            try await until { try await Self.count(server) == whole }
            #expect(try await client.set("a", "1") == "OK")
        }
    }

    @Test func `where there is no room for all it goes on with those that there are`() async throws {
        try await Self.withConnections(5, ["maxclients 3"]) { _, loops, connections in
            #expect(connections.count == 3)
            var ids: Set<Int64> = []
            for loop in loops.makeIterator() { ids.insert(try #require(try await Self.id(on: loop, connections))) }
            #expect(ids.count == 3)
        }
    }

    @Test func `where there is room for none, it is said`() async throws {
        let server = try await RedisServer.start(["maxclients 1"])
        defer { server.stop() }
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let settings = try quick(server.address)
        let taken = try await RedisConnection.connect(to: Self.endpoint(server), settings, tls: nil)
        await #expect(throws: RedisError.self) {
            try await RedisConnectionGroup.connect(to: Self.endpoint(server), settings, tls: nil, on: loops)
        }
        taken.close()
        try await loops.shutdownGracefully()
    }

    @Test func `those that nobody uses are kept alive`() async throws {
        try await Self.withConnections(3) { server, _, connections in
            await connections.keepAlive()
            let lines = try await server.shell("client", "list").split(separator: "\n").filter { $0.contains("name=seaworthy") }
            // Not the one that is the nearest here.
            #expect(lines.filter { $0.contains("cmd=ping") }.count == 2)
        }
    }

    @Test func `a client keeps all of its connections from being closed as idle`() async throws {
        let server = try await RedisServer.start(["timeout 1"])
        defer { server.stop() }
        try await withClient(try quick(server.address)) { client in
            let before = client.recoveries
            try await Task.sleep(for: .seconds(4))
            #expect(client.recoveries == before && client.status.isUp)
        }
    }
}
