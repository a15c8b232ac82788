import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import Synchronization
import Testing

@testable import SeaworthyHTTP

@Suite struct `Answers of 5xx` {
    private final class Faults: Sendable {
        private let list = Mutex<[RequestFault]>([])
        func append(_ fault: RequestFault) { list.withLock { $0.append(fault) } }
        var all: [String] {
            list.withLock { list in
                list.map { fault in
                    "\(fault.requestID) \(fault.method ?? "-") \(fault.routeTemplate ?? "-") \(fault.status) \(fault.code ?? "-") \(fault.error.map { "\(type(of: $0))" } ?? "-") \(fault.userID ?? "-")"
                }
            }
        }
    }

    private static let routes =
        TestRoutes.all + [
            Route(.get, "/teapot/{key}", operation: "teapot") { _ in
                Response(status: .serviceUnavailable, body: ResponseBody(byteBuffer: ByteBuffer(string: "on purpose")))
            },
            Route(.get, "/busy", operation: "busy") { _ in throw Problem.unavailable("busy") },
            Route(.get, "/mine", operation: "mine") { _ in throw Problem.notFound() },
            // What is known below of the request that is answered.
            Route(.get, "/id", operation: "id") { _ in
                Response(
                    status: .ok,
                    body: ResponseBody { [id = CurrentRequest.id] writer in
                        try await writer.write(ByteBuffer(string: "\(id ?? "-") \(CurrentRequest.id ?? "-")"))
                        try await writer.finish(nil)
                    })
            },
        ]

    @Test func `are told once each, with what they came of, and others are not`() async throws {
        let faults = Faults()
        let report: @Sendable (RequestFault) -> Void = { faults.append($0) }
        try await TestServer.run(Self.routes, faultReport: report) { server in
            for (id, target) in [
                ("a", "/fail?x=secret"), ("b", "/teapot/secret"), ("c", "/busy"), ("d", "/mine"), ("e", "/gone"), ("f", "/hello"),
                ("g", "/unstarted-stream"),
            ] {
                let client = try server.connect()
                try await client.send("GET \(target) HTTP/1.1\r\nHost: a\r\nX-Request-Id: \(id)\r\nConnection: close\r\n\r\n")
                _ = try await client.rest()
            }
            let client = try server.connect()
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nX-Request-Id: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")
            _ = try await client.rest()
            _ = try await server.log.wait(for: 8)
            #expect(CurrentRequest.id == nil)
        }
        #expect(
            faults.all == [
                "a GET /fail 500 internal_error Fault -", "b GET /teapot/{key} 503 - - -", "c GET /busy 503 unavailable Problem -",
                "g GET /unstarted-stream 500 internal_error Fault -", "h POST - 501 unsupported_transfer_coding Problem -",
            ])
    }

    @Test func `are those of a request whose id is known wherever it is answered`() async throws {
        try await TestServer.run(Self.routes) { server in
            let client = try server.connect()
            try await client.send("GET /id HTTP/1.1\r\nHost: a\r\nX-Request-Id: my-id\r\nConnection: close\r\n\r\n")
            #expect(try await client.rest().contains("my-id my-id"))
        }
    }
}
