import NIOHTTP1
import SeaworthySchema
import Testing

@Suite struct `The OpenAPI document` {
    private static let methods = ["get", "post", "patch", "delete", "put"]

    @Test func `has an operation for each route that somebody may use, and for no other`() async throws {
        try await ExampleServer.with { server in
            let document = try await server.api.get("/openapi.json")
            #expect(try document.text("openapi") == "3.1.0")
            guard case .object(let paths) = try document.value("paths") else { return }
            #expect(paths.members.count == 5 + 2 * ExampleServer.tables.count)
            for path in paths.members {
                guard case .object(let item) = path.value else { continue }
                // A key that no record has, in as many parts as the key has.
                let target = path.name.replacing(
                    "{key}", with: path.name.hasPrefix("/v1/order-details") || path.name.hasPrefix("/v1/employee-territories") ? "0,0" : "0"
                )
                for method in Self.methods {
                    let hasBody = method == "post" || method == "patch"
                    let answer = try await server.api.send(
                        .init(rawValue: method.uppercased()), target, headers: hasBody ? ["Content-Type": "application/json"] : [:],
                        body: hasBody ? #"{"Nope":1}"# : nil)
                    #expect((item[method] == nil) == [401, 403, 405].contains(answer.status), "\(method) \(path.name): \(answer.status)")
                    #expect(answer.status != 500)
                }
            }
        }
    }

    @Test func `shows no hidden field and names every other`() async throws {
        try await ExampleServer.with { server in
            let document = try await server.api.get("/openapi.json")
            guard case .object(let properties) = try document.value("components.schemas.Employee.properties") else { return }
            let record = try await server.api.get("/v1/employees/1").value("data")
            guard case .object(let fields) = record else { return }
            #expect(properties.members.map(\.name) == fields.members.map(\.name))
            #expect(!properties.members.map(\.name).contains("BirthDate"))
            #expect(!document.body.contains("HomePhone"))
        }
    }

    @Test func `is what the command prints`() async throws {
        try await ExampleServer.with { server in
            let served = try await server.api.get("/openapi.json").json
            let printed = try await SeaworthyProcess.run(["openapi"], in: server.folder.url)
            #expect(printed.status == 0)
            #expect(try JSONParser.parse(printed.output) == served)
        }
    }
}
