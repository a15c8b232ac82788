import NIOCore
import RedisServing
import Testing

@testable import SeaworthyRedis

@Suite(.timeLimit(.minutes(3))) struct RedisClusterTests {
    @Test func `every key is where it belongs, and follows its slot when that moves`() async throws {
        let cluster = try await RedisClusterServers.start()
        defer { cluster.stop() }
        try await withClient(try quick(cluster.address)) { client in
            try await until { client.status.isUp }
            #expect(client.status.kind == "cluster")
            for index in 0..<100 { try await client.set("key:\(index)", "\(index)") }
            for index in 0..<100 { #expect(try await client.get("key:\(index)") == "\(index)") }
            for server in cluster.servers { #expect(try await server.shell("dbsize") != "0") }
            #expect(try await client.run(RedisScript("return KEYS[1]"), keys: ["key:1"]) == .text("key:1"))
            #expect(try await client.send(RedisCommand(["PING"])) == .text("PONG"))

            // A slot on its way: what has moved already is asked for over there, the rest here.
            let (slot, key) = (KeySlot.of("{t}1"), "{t}1")
            try await client.set(key, "there")
            try await client.set("{t}2", "here")
            let owner = try await owner(of: slot, cluster)
            let other = cluster.servers.first { $0.port != owner.port } ?? owner
            let (ownerID, otherID) = (try await owner.shell("cluster", "myid"), try await other.shell("cluster", "myid"))
            try await other.shell("cluster", "setslot", "\(slot)", "importing", ownerID)
            try await owner.shell("cluster", "setslot", "\(slot)", "migrating", otherID)
            try await owner.shell("migrate", "127.0.0.1", "\(other.port)", key, "0", "5000")
            #expect(try await client.get(key) == "there")
            #expect(try await client.get("{t}2") == "here")

            // Moved for good.
            try await owner.shell("migrate", "127.0.0.1", "\(other.port)", "{t}2", "0", "5000")
            for server in [other, owner] { try await server.shell("cluster", "setslot", "\(slot)", "node", otherID) }
            #expect(try await client.get("{t}2") == "here")
            #expect(try await client.get(key) == "there")
            #expect(try await client.set(key, "written") == "OK")
        }
    }

    private func owner(of slot: Int, _ cluster: RedisClusterServers) async throws -> RedisServer {
        let slots = try await cluster.servers[0].shell("cluster", "nodes")
        for server in cluster.servers {
            let line = slots.split(whereSeparator: \.isNewline).first { $0.contains("127.0.0.1:\(server.port)@") }
            for range in line?.split(separator: " ").dropFirst(8) ?? [] {
                let bounds = range.split(separator: "-").compactMap { Int($0) }
                if let first = bounds.first, let last = bounds.last, (first...last).contains(slot) { return server }
            }
        }
        throw RedisError(.disconnected, "nobody has \(slot)")
    }

    @Test func `without one server the keys of the others go on, and all of them when it is back`() async throws {
        let cluster = try await RedisClusterServers.start()
        defer { cluster.stop() }
        let log = LogLines()
        try await withClient(try impatient(cluster.address), log: log) { client in
            try await until { client.status.isUp }
            let gone = cluster.servers[1]
            gone.pause()
            var keys: (lost: Int, kept: Int) = (0, 0)
            for index in 0..<60 {
                do throws(RedisError) {
                    try await client.set("key:\(index)", "1")
                    keys.kept += 1
                } catch {
                    #expect([.timeout, .circuitOpen, .disconnected, .refused].contains(error.code))
                    keys.lost += 1
                }
            }
            #expect(keys.lost > 0 && keys.kept > 0)
            try await until { !client.status.isUp }
            #expect(client.status.detail.contains("1 of 3 servers are away") || client.status.detail.contains("nobody's"))
            gone.resume()
            try await until { client.status.isUp }
            // The others have to find the server again, too.
            for index in 0..<60 { try await until { (try? await client.set("key:\(index)", "2")) != nil } }
        }
        #expect(log.all.contains { $0.contains("127.0.0.1:\(cluster.servers[1].port)") })
    }

    @Test func `any of its servers is enough to find the others, and another database is refused`() async throws {
        let cluster = try await RedisClusterServers.start()
        defer { cluster.stop() }
        try await withClient(try quick(cluster.servers[2].address)) { client in
            for index in 0..<20 { try await until { (try? await client.set("key:\(index)", "1")) != nil } }
        }
        try await withClient(try quick(cluster.servers[2].address + "/1")) { client in
            #expect(client.status.detail == "database 1 is set, and a cluster has only 0")
        }
    }
}
