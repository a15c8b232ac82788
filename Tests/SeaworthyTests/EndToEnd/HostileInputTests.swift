import Foundation
import NIOHTTP1
import Testing

@Suite struct `Hostile input` {
    private static let schema = """
        name: shop
        entities:
          Shelf:
            key: Code
            fields:
              Code: { type: string, max: 60 }
              Price: { type: decimal, precision: 12, scale: 2 }
              Ratio: { type: double }
              Width: { type: integer }
              Big: { type: bigint }
              Note: { type: json }
              Site: { type: url }
              Match: { type: string, max: 100000, pattern: '^(a+)+$' }
            access: { anyone: { read: true, create: true } }
        """

    private static func with(_ body: (APIClient, TemporaryFolder) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try folder.write(schema, to: "seaworthy.yaml")
        try FileManager.default.createDirectory(at: folder.url.appendingPathComponent("public"), withIntermediateDirectories: true)
        try folder.write("<p>hello</p>", to: "public/index.html")
        try folder.write("secret words", to: "secret.txt")
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url)
        do {
            try await body(APIClient(address: address), folder)
        } catch {
            await process.stop()
            throw error
        }
        let outcome = await process.stop()
        #expect(outcome.status == 0, "serve ended with \(outcome.status): \(outcome.errors)")
    }

    @Test func `does not lead out of the public folder`() async throws {
        try await Self.with { api, _ in
            for path in [
                "/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/%2e%2e%2fsecret.txt", "/..%5csecret.txt", "/.%00./secret.txt",
                "/index.html/../../secret.txt", "/%252e%252e/secret.txt", "/.seaworthy/secret-keys", "/seaworthy.yaml", "/seaworthy.db",
                "//etc/passwd", "/v1/shelfs/..%2f..%2fauth%2fme", "/docs/..%2f..%2fsecret.txt",
            ] {
                let answer = try await api.get(path)
                #expect((400...404).contains(answer.status), "\(path): \(answer.status)")
                #expect(!answer.body.contains("secret words") && !answer.body.contains("name: shop"), "\(path)")
            }
            #expect(try await api.get("/").status == 200)
        }
    }

    @Test func `puts nothing into the head of an answer`() async throws {
        try await Self.with { api, _ in
            let made = try await api.post("/v1/shelfs", #"{"Code":"a\r\nSet-Cookie: x=y\r\n\r\n<p>"}"#)
            #expect(made.status == 201 && made.headers["Set-Cookie"].isEmpty)
            #expect(made.headers["Location"] == ["/v1/shelfs/a%0D%0ASet-Cookie%3A%20x%3Dy%0D%0A%0D%0A%3Cp%3E"])
            #expect(try await api.get(made.headers["Location"][0]).status == 200)
            let list = try await api.get("/v1/shelfs?filter[Code][contains]=a%0D%0ASet-Cookie:%20x=y&limit=1")
            #expect(list.status == 200 && list.headers["Set-Cookie"].isEmpty)
            let identified = try await api.get("/v1/shelfs", headers: ["X-Request-Id": "a b"])
            #expect(identified.headers["X-Request-Id"] != ["a b"])
        }
    }

    @Test func `is not unpacked, nor read deeper than it may be`() async throws {
        try await Self.with { api, _ in
            for coding in ["gzip", "deflate", "br", "gzip, gzip", "zstd"] {
                for (path, type) in [
                    ("/v1/shelfs", "application/json"), ("/v1/shelfs/import", "text/csv"), ("/v1/auth/login", "application/json"),
                ] {
                    let answer = try await api.post(path, "x", headers: ["Content-Type": type, "Content-Encoding": coding])
                    #expect(answer.status == 415 && answer.headers["Accept-Encoding"] == ["identity"], "\(path) \(coding)")
                }
            }
            for depth in [65, 100_000] {
                let deep = try await api.post("/v1/shelfs", #"{"Code":"d","Note":\#(String(repeating: "[", count: depth))"#)
                #expect(try deep.status == 400 && deep.text("code") == "json_too_deep")
                let members = String(repeating: #"{"a":"#, count: depth)
                #expect(try await api.post("/v1/auth/login", members).text("code") == "json_too_deep")
            }
            let filter = String(repeating: "{\"NOT\":", count: 40) + "1" + String(repeating: "}", count: 40)
            #expect(try await api.get("/v1/shelfs?filter=\(filter.escaped)").status == 400)
        }
    }

    @Test func `costs no more than its length`() async throws {
        try await Self.with { api, _ in
            let digits = String(repeating: "9", count: 100_000)
            for member in [
                #""Price":"1e1000000000""#, #""Price":1e1000000000"#, #""Ratio":1e1000000000"#, #""Width":1e1000000000"#,
                #""Width":\#(digits)"#,
                #""Big":"\#(digits)""#, #""Price":"\#(digits)""#, #""Match":"\#(String(repeating: "a", count: 50_000))!""#,
            ] {
                let answer = try await api.post("/v1/shelfs", #"{"Code":"n",\#(member)}"#)
                #expect(try answer.status == 422 && answer.list("errors").count == 1, "\(member.prefix(40))")
            }
        }
    }

    @Test func `is guarded in sheets where that is asked for`() async throws {
        try await Self.with { api, _ in
            for code in ["=1+1", "+1", "-1", "@SUM(A1)", "\\t=1", "\\r=1"] {
                #expect(try await api.post("/v1/shelfs", #"{"Code":"\#(code)"}"#).status == 201)
            }
            let sheet = try await api.get("/v1/shelfs?csv=guard&select=Code", headers: ["Accept": "text/csv"])
            let cells = sheet.body.split(separator: "\r\n").dropFirst().map { $0.trimmingCharacters(in: ["\""]) }
            #expect(cells.count == 6 && cells.allSatisfy { $0.hasPrefix("'") }, "\(sheet.body)")
        }
    }

    @Test func `leads the server to no other`() async throws {
        try await Self.with { api, _ in
            // An address in a record is text: nobody asks for it. That of a sign-in is a path of this server.
            let made = try await api.post("/v1/shelfs", #"{"Code":"u","Site":"http://127.0.0.1:1/"}"#)
            #expect(made.status == 201)
            #expect(try await api.get("/v1/auth/oidc/corp?redirect=https://evil.example").status == 404)
        }
    }
}
