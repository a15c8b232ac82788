import Foundation
import NIOHTTP1
import PostgresServing
import RedisServing
import SeaworthySchema
import Testing

/// Answers that are kept, as clients of one server and of two see them.
@Suite(.timeLimit(.minutes(10))) struct `Answers that are kept` {
    private static let schema = """
        name: shop
        limits: { exempt: [127.0.0.0/8] }
        entities:
          Shelf:
            cache: 1h
            key: id
            fields: { id: { type: integer }, width: { type: integer } }
            access: { anyone: { read: true, create: true, update: true } }
          Item:
            key: id
            cache: 1h
            fields:
              id: { type: integer }
              label: { type: string }
              shelfID: { references: Shelf, as: shelf, inverse: items }
            access: { anyone: { read: true, create: true, update: true, delete: true } }
          Other:
            fields: { text: { type: string } }
            access: { anyone: { read: true } }
        """

    private static func withNodes(
        _ count: Int, _ environment: [String: String], _ body: ([APIClient], [SeaworthyProcess]) async throws -> Void
    ) async throws {
        var processes: [SeaworthyProcess] = []
        var folders: [TemporaryFolder] = []
        defer { for process in processes { process.send(SIGKILL) } }
        var clients: [APIClient] = []
        for _ in 0..<count {
            let folder = try TemporaryFolder()
            try folder.write(schema, to: "seaworthy.yaml")
            let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
            folders.append(folder)
            processes.append(process)
            clients.append(APIClient(address: address))
        }
        try await body(clients, processes)
        for process in processes { #expect(await process.stop().status == 0) }
    }

    private static func outcome(_ answer: APIClient.Answer) -> String { answer.headers["X-Cache"].joined() }

    @Test func `tell how they were come by, how old they are, and that caches have to ask`() async throws {
        try await Self.withNodes(1, [:]) { nodes, _ in
            let api = nodes[0]
            #expect(try await api.post("/v1/shelfs", #"{"id":1,"width":80}"#).status == 201)
            let first = try await api.get("/v1/shelfs/1")
            #expect(Self.outcome(first) == "MISS" && first.headers["Age"].isEmpty && first.headers["Cache-Control"] == ["no-cache"])
            let second = try await api.get("/v1/shelfs/1")
            #expect(Self.outcome(second) == "HIT" && second.headers["Age"].count == 1 && second.body == first.body)
            #expect(second.headers["ETag"] == first.headers["ETag"] && second.headers["ETag"].count == 1)
            let same = try await api.get("/v1/shelfs/1", headers: ["If-None-Match": second.headers["ETag"][0]])
            #expect(same.status == 304 && Self.outcome(same) == "HIT")
            // The same query by POST is another request of the same answer's kind.
            #expect(try await Self.outcome(api.post("/v1/shelfs/query", "{}")) == "MISS")
            #expect(try await Self.outcome(api.post("/v1/shelfs/query", "{}")) == "HIT")
            #expect(try await Self.outcome(api.get("/v1/shelfs/aggregate?measures=count")) == "MISS")
            #expect(try await Self.outcome(api.get("/v1/others")) == "")
            // An export is made as it is read.
            #expect(try await Self.outcome(api.get("/v1/shelfs", headers: ["Accept": "text/csv"])) == "")
            #expect(try await api.get("/v1/shelfs?limit=x").status == 400)
            #expect(try await api.get("/v1/shelfs/2").status == 404)
            let metrics = try await api.get("/metrics").body
            #expect(
                metrics.contains("cache_requests_total{outcome=\"hit\"} 3\n") && metrics.contains("cache_requests_total{outcome=\"miss\"}"))
        }
    }

    @Test func `what one node writes every node reads, ten thousand times`() async throws {
        let redis = try await RedisServer.start()
        defer { redis.stop() }
        let environment = [
            "REDIS_URL": redis.address, "REDIS_COMMAND_TIMEOUT": "10s", "DATABASE_URL": try await PostgresServer.running().makeSchema(),
        ]
        try await Self.withNodes(2, environment) { nodes, _ in
            try await withThrowingTaskGroup(of: (stale: Int, hits: Int).self) { group in
                for writer in 0..<10 {
                    group.addTask {
                        var (stale, hits) = (0, 0)
                        #expect(try await nodes[0].post("/v1/shelfs", #"{"id":\#(writer),"width":0}"#).status == 201)
                        for turn in 1...1000 {
                            let (one, other) = (nodes[turn % 2], nodes[(turn / 2) % 2])
                            let written = try await one.send(
                                .PATCH, "/v1/shelfs/\(writer)", headers: ["Content-Type": "application/merge-patch+json"],
                                body: #"{"width":\#(turn)}"#)
                            try #require(written.status == 200, "\(written.body)")
                            let path = turn % 3 == 0 ? "/v1/shelfs?filter[id]=\(writer)" : "/v1/shelfs/\(writer)"
                            for _ in 0..<2 {
                                let read = try await other.get(path)
                                if !read.body.contains(#""width":\#(turn)}"#) { stale += 1 }
                                if Self.outcome(read) == "HIT" { hits += 1 }
                            }
                        }
                        return (stale, hits)
                    }
                }
                let sums = try await group.reduce(into: (stale: 0, hits: 0)) { $0 = ($0.stale + $1.stale, $0.hits + $1.hits) }
                #expect(sums.stale == 0)
                // Else it would prove nothing.
                #expect(sums.hits > 5000, "\(sums.hits) of 20000 reads were kept answers")
            }
        }
    }

    @Test func `a command that imports tells the servers`() async throws {
        let redis = try await RedisServer.start()
        defer { redis.stop() }
        let environment = ["REDIS_URL": redis.address, "DATABASE_URL": try await PostgresServer.running().makeSchema()]
        try await Self.withNodes(1, environment) { nodes, _ in
            #expect(try await Self.outcome(nodes[0].get("/v1/shelfs")) == "MISS")
            #expect(try await Self.outcome(nodes[0].get("/v1/shelfs")) == "HIT")
            let folder = try TemporaryFolder()
            try folder.write(Self.schema, to: "seaworthy.yaml")
            try folder.write("id,width\n7,70\n", to: "shelves.csv")
            let imported = try await SeaworthyProcess.run(["import", "Shelf", "shelves.csv"], in: folder.url, environment: environment)
            #expect(imported.status == 0, "\(imported.errors)")
            let read = try await nodes[0].get("/v1/shelfs")
            #expect(Self.outcome(read) == "MISS" && read.body.contains("70"))
        }
    }

    @Test func `while Redis is away every read is made, and what was written then is read when it is back`() async throws {
        let redis = try await RedisServer.start()
        let environment = ["REDIS_URL": redis.address, "DATABASE_URL": try await PostgresServer.running().makeSchema()]
        try await Self.withNodes(2, environment) { nodes, _ in
            #expect(try await nodes[0].post("/v1/shelfs", #"{"id":1,"width":1}"#).status == 201)
            for node in nodes { _ = try await node.get("/v1/shelfs/1") }
            for node in nodes { #expect(try await Self.outcome(node.get("/v1/shelfs/1")) == "HIT") }
            redis.stop()
            for node in nodes {
                while try await Self.outcome(node.get("/v1/shelfs/1")) != "BYPASS" {}
            }
            func write(_ width: Int) async throws {
                let written = try await nodes[0].send(
                    .PATCH, "/v1/shelfs/1", headers: ["Content-Type": "application/merge-patch+json"], body: #"{"width":\#(width)}"#)
                #expect(written.status == 200)
            }
            try await write(2)
            for node in nodes {
                let read = try await node.get("/v1/shelfs/1")
                #expect(read.body.contains(#""width":2}"#) && Self.outcome(read) == "BYPASS")
            }
            let again = try await RedisServer.start(["port \(redis.port)"])
            defer { again.stop() }
            for node in nodes {
                var outcome = ""
                while outcome != "HIT" {
                    let read = try await node.get("/v1/shelfs/1")
                    #expect(read.status == 200 && read.body.contains(#""width":2}"#))
                    outcome = Self.outcome(read)
                }
            }
            try await write(3)
            for node in nodes { #expect(try await node.get("/v1/shelfs/1").body.contains(#""width":3}"#)) }
        }
    }
}
