import HTTPTypes
import Logging
import NIOCore
import Testing

@testable import SeaworthyHTTP

@Suite struct `HTTP server` {
    private func run(_ change: (inout HTTPSettings) -> Void) async throws {
        var settings = HTTPSettings()
        settings.port = 0
        change(&settings)
        let pipeline = RequestPipeline(routes: try RouteTable([]), logger: TestServer.quietLogger)
        try await HTTPServer(settings: settings, pipeline: pipeline, health: HealthState(), logger: TestServer.quietLogger).run()
    }

    @Test func `says that the port is in use`() async throws {
        try await TestServer.run { server in
            let error = await #expect(throws: HTTPServerError.self) { try await self.run { $0.port = server.port } }
            #expect(error?.code == .addressInUse)
            #expect(error?.description.contains("127.0.0.1:\(server.port)") == true)
        }
    }

    @Test func `says that the host is unknown`() async throws {
        let error = await #expect(throws: HTTPServerError.self) { try await run { $0.host = "no.such.host.invalid" } }
        #expect(error?.code == .unknownHost)
        #expect(error?.description.contains("no.such.host.invalid") == true)
    }

    @Test func `says that the address is another machine's`() async throws {
        let error = await #expect(throws: HTTPServerError.self) { try await run { $0.host = "192.0.2.1" } }
        #expect(error?.code == .addressNotAvailable)
    }

    @Test(arguments: [-1, 65_536]) func `says that there is no such port`(port: Int) async throws {
        let error = await #expect(throws: HTTPServerError.self) { try await run { $0.port = port } }
        #expect(error?.code == .invalidPort)
        #expect(error?.description.contains("\(port)") == true)
    }

    @Test func `explains what the system says`() {
        let cases: [(Int32, HTTPServerError.Code)] = [
            (98, .addressInUse), (13, .notPermitted), (1, .notPermitted), (99, .addressNotAvailable), (24, .listenFailed),
        ]
        for (errno, code) in cases {
            let error = HTTPServerError(listeningOn: "::1", port: 80, error: IOError(errnoCode: errno, reason: "bind"))
            #expect(error.code == code)
            #expect(error.description.contains("::1"))
        }
    }

    @Test func `closes connections beyond the bound at once and takes new ones later`() async throws {
        try await TestServer.run(settings: .test { $0.maximumConnections = 2 }) { server in
            let hello = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n"
            let first = try server.connect()
            let second = try server.connect()
            #expect(try await first.ask(hello).status == 200)
            #expect(try await second.ask(hello).status == 200)
            #expect(try await server.connect().isAtEnd())
            #expect(try await first.ask(hello).status == 200)
            try await second.close()
            var served = false
            for _ in 0..<200 where !served {
                served = (try? await server.connect().ask(hello).status) == 200
                if !served {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            #expect(served)
        }
    }
}

@Suite struct `Graceful shutdown` {
    /// A route that answers when it is told to.
    private static func gate() -> (route: Route, began: AsyncStream<Void>, open: @Sendable () -> Void) {
        let (began, hasBegun) = AsyncStream.makeStream(of: Void.self)
        let (gate, opened) = AsyncStream.makeStream(of: Void.self)
        let route = Route(.get, "/gate", operation: "gate") { _ in
            hasBegun.yield()
            for await _ in gate { break }
            return TestRoutes.text("through")
        }
        return (route, began, { opened.yield() })
    }

    @Test func `finishes a running request, closes idle connections and takes no new ones`() async throws {
        let gate = Self.gate()
        try await TestServer.run([gate.route] + TestRoutes.all, settings: .test { $0.shutdownGracePeriod = .seconds(60) }) { server in
            let idle = try server.connect()
            #expect(try await idle.ask("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n").status == 200)
            let busy = try server.connect()
            try await busy.send("GET /gate HTTP/1.1\r\nHost: h\r\n\r\n")
            for await _ in gate.began { break }
            #expect(server.health.phase == .ready)
            await server.stop()
            #expect(try await idle.isAtEnd())
            #expect(server.health.phase == .draining)
            #expect(throws: RawClient.Failure.self) { try server.connect() }
            gate.open()
            let answer = try await busy.answer()
            #expect(answer.status == 200)
            #expect(answer.body == "through")
            #expect(answer["connection"] == "close")
            #expect(try await busy.isAtEnd())
        }
    }

    @Test func `closes by force what does not finish in time`() async throws {
        let gate = Self.gate()
        try await TestServer.run([gate.route], settings: .test { $0.shutdownGracePeriod = .milliseconds(200) }) { server in
            let busy = try server.connect()
            try await busy.send("GET /gate HTTP/1.1\r\nHost: h\r\n\r\n")
            for await _ in gate.began { break }
            await server.stop()
            #expect(try await busy.isAtEnd())
            #expect(try await server.log.wait(for: 1).map(\.status) == [499])
        }
    }
}
