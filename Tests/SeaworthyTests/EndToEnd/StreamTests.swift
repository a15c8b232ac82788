import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SeaworthySchema
import Testing

@Suite struct `Lists and imports as streams` {
    private static let schema = """
        name: shop
        entities:
          Shelf:
            key: Code
            fields:
              Code: { type: string, max: 4 }
              Width: { type: decimal, precision: 8, scale: 2, min: 0 }
              Over: { references: Shelf, as: over, inverse: under }
              Note: { type: text, search: 1 }
              Owner: { type: string, readOnly: true }
            access: { anyone: { read: true, create: { Width: { lt: 100 } } } }
          Row:
            key: ID
            fields: { ID: { type: integer, generated: true }, Text: { type: text } }
            access: { anyone: { read: true, create: true } }
          Closed:
            key: ID
            fields: { ID: { type: integer } }
            access: { staff: { read: true, create: true } }
        """

    private struct Shop {
        var folder: TemporaryFolder
        var api: APIClient

        func shell(_ sql: String) async throws -> [[String]] {
            try await SQLiteShell.rows(sql, in: folder.url.appendingPathComponent("seaworthy.db"))
        }
    }

    private static func with(_ body: (Shop) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try folder.write(schema, to: "seaworthy.yaml")
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, environment: ["TMPDIR": folder.path])
        do {
            try await body(Shop(folder: folder, api: APIClient(address: address)))
        } catch {
            await process.stop()
            throw error
        }
        #expect(await process.stop().status == 0)
    }

    private static let csv: HTTPHeaders = ["Content-Type": "text/csv"]
    private static let shelves = "Code,Width,Over,Note\r\nA,1.50,B,\"x, \"\"y\"\"\"\r\nB,2.00,,\"\"\r\nC,3.00,A,\r\n"

    @Test func `a list answers in CSV and NDJSON, and what it wrote is imported as it was`() async throws {
        try await Self.with { shop in
            let imported = try await shop.api.post("/v1/shelfs/import", Self.shelves, headers: Self.csv)
            #expect(imported.status == 200, "\(imported.body)")
            #expect(imported.body == #"{"data":{"imported":3,"bad":0,"badRows":[]}}"#)
            #expect(imported.headers.first(name: "Content-Type") == "application/json")
            let csv = try await shop.api.get("/v1/shelfs?select=Code,Width,Over,Note", headers: ["Accept": "text/csv"])
            #expect(csv.status == 200)
            #expect(csv.body == Self.shelves)
            #expect(csv.headers.first(name: "Content-Type") == "text/csv; charset=utf-8")
            #expect(csv.headers.first(name: "Vary")?.contains("Accept") == true)
            let lines = try await shop.api.get("/v1/shelfs?select=Code,over.Width&sort=-Code", headers: ["Accept": "application/x-ndjson"])
            #expect(
                lines.body == #"{"Code":"C","over":{"Width":"1.50"}}"# + "\n" + #"{"Code":"B","over":null}"# + "\n"
                    + #"{"Code":"A","over":{"Width":"2.00"}}"# + "\n")
            #expect(lines.headers.first(name: "Content-Type") == "application/x-ndjson")
            let head = try await shop.api.send(.HEAD, "/v1/shelfs", headers: ["Accept": "text/csv"])
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(head.headers.first(name: "Content-Type") == "text/csv; charset=utf-8")
            #expect(try await shop.api.get("/v1/shelfs").headers.first(name: "Content-Type") == "application/json")
        }
    }

    @Test func `a limit makes a page with a link to the next`() async throws {
        try await Self.with { shop in
            _ = try await shop.api.post("/v1/shelfs/import", Self.shelves, headers: Self.csv)
            let accept: HTTPHeaders = ["Accept": "text/csv"]
            let first = try await shop.api.get("/v1/shelfs?select=Code&limit=2", headers: accept)
            #expect(first.body == "Code\r\nA\r\nB\r\n")
            let link = try #require(first.headers.first(name: "Link"))
            let next = try await shop.api.get(String(link.dropFirst().prefix { $0 != ">" }), headers: accept)
            #expect(next.body == "Code\r\nC\r\n")
            #expect(next.headers.first(name: "Link") == nil)
        }
    }

    @Test(arguments: [
        ("include=under", "invalid_query", "include"), ("search=x", "invalid_query", "search"), ("count=exact", "invalid_query", "count"),
        ("csv=gurad", "invalid_parameter", "csv"), ("csv=bom&csv=bom", "duplicate_parameter", "csv"), ("csv=", "invalid_parameter", "csv"),
        ("limit=0", "invalid_query", "limit"), ("cursor=x", "invalid_query", "cursor"),
    ])
    func `what has no place in CSV is a problem`(query: String, code: String, parameter: String) async throws {
        try await Self.with { shop in
            let answer = try await shop.api.get("/v1/shelfs?\(query)", headers: ["Accept": "text/csv"])
            #expect(answer.status == 400, "\(answer.body)")
            #expect(try answer.text("code") == code)
            #expect(try answer.text("errors.0.parameter") == parameter)
        }
    }

    @Test func `options of CSV are for CSV`() async throws {
        try await Self.with { shop in
            _ = try await shop.api.post("/v1/rows/import", "Text\n=1\n", headers: Self.csv)
            #expect(
                try await shop.api.get("/v1/rows?csv=bom,guard", headers: ["Accept": "text/csv"]).body == "\u{FEFF}ID,Text\r\n1,'=1\r\n")
            for accept in ["application/json", "application/x-ndjson"] {
                #expect(try await shop.api.get("/v1/rows?csv=bom", headers: ["Accept": accept]).errorCodes == ["unknown_parameter"])
            }
            #expect(try await shop.api.get("/v1/rows", headers: ["Accept": "text/html"]).status == 406)
        }
    }

    @Test func `an import tells bad rows by their lines and keeps nothing, or passes them over`() async throws {
        try await Self.with { shop in
            let file = "Code,Width,Over\nA,1,\nB,x,\nC,3,Z\nD,100,\nA,5,\nF,7,A\n"
            let failed = try await shop.api.post("/v1/shelfs/import", file, headers: Self.csv)
            #expect(failed.status == 422)
            #expect(try failed.text("code") == "import.bad_rows")
            #expect(
                try failed.list("errors").indices.map { try failed.text("errors.\($0).pointer") }
                    == ["/3/Width", "/4/Over", "/5", "/6/Code"])
            #expect(try failed.errorCodes == ["invalid_format", "reference_not_found", "forbidden", "unique_conflict"])
            #expect(try await shop.shell("SELECT count(*) FROM shelfs") == [["0"]])
            let skipped = try await shop.api.post("/v1/shelfs/import?onError=skip", file, headers: Self.csv)
            #expect(skipped.status == 200)
            #expect(try skipped.value("data.imported") == 2)
            #expect(try skipped.value("data.bad") == 4)
            #expect(
                try skipped.value("data.badRows.2") == [
                    "line": 5, "errors": [["pointer": "", "code": "forbidden", "detail": "You may not create this Shelf."]],
                ])
            #expect(try await shop.shell("SELECT Code FROM shelfs ORDER BY 1") == [["A"], ["F"]])
        }
    }

    @Test func `an import takes JSON and NDJSON, and nothing else`() async throws {
        try await Self.with { shop in
            let array = try await shop.api.post("/v1/rows/import", #"[{"Text":"a"}, {"ID":9,"Text":"b"}]"#)
            #expect(array.body == #"{"data":{"imported":2,"bad":0,"badRows":[]}}"#)
            let lines = try await shop.api.post(
                "/v1/rows/import", "{\"Text\":\"c\"}\n\n{}", headers: ["Content-Type": "application/x-ndjson; charset=utf-8"])
            #expect(lines.body == #"{"data":{"imported":2,"bad":0,"badRows":[]}}"#)
            #expect(try await shop.shell("SELECT ID FROM rows ORDER BY 1") == [["1"], ["9"], ["10"], ["11"]])
            for (body, headers, status, code) in [
                ("{}", ["Content-Type": "application/json"], 400, "import.invalid_file"),
                ("", Self.csv, 400, "import.invalid_file"),
                ("Txet\na\n", Self.csv, 400, "import.invalid_file"),
                ("Text\na\n", ["Content-Type": "text/plain"], 415, "unsupported_media_type"),
                ("Text\na\n", [:], 415, "unsupported_media_type"),
                ("Text\na\n", ["Content-Type": "text/csv", "Content-Encoding": "gzip"], 415, "unsupported_media_type"),
                ("Text\na\n", ["Content-Type": "text/csv", "Idempotency-Key": "a b"], 400, "bad_request"),
                ("Text\na\n", ["Content-Type": "text/csv", "If-Match": "*"], 400, "not_supported"),
            ] as [(String, HTTPHeaders, Int, String)] {
                let answer = try await shop.api.post("/v1/rows/import", body, headers: headers)
                #expect(answer.status == status, "\(headers) \(answer.body)")
                #expect(try answer.text("code") == code, "\(headers) \(answer.body)")
            }
            for query in ["onError=stop", "onError=skip&onError=skip", "limit=1"] {
                #expect(try await shop.api.post("/v1/rows/import?\(query)", "Text\na\n", headers: Self.csv).status == 400)
            }
            #expect(try await shop.api.post("/v1/closeds/import", "ID\n1\n", headers: Self.csv).status == 401)
            #expect(try await shop.api.get("/v1/rows/import").status == 405)
            #expect(try await shop.shell("SELECT count(*) FROM rows") == [["4"]])
            #expect(try await shop.shell("SELECT count(*) FROM closeds") == [["0"]])
        }
    }

    @Test func `a body longer than others may be is imported, and leaves no file behind`() async throws {
        try await Self.with { shop in
            let row = String(repeating: "x", count: 1000) + "\n"
            let answer = try await shop.api.post("/v1/rows/import", "Text\n" + String(repeating: row, count: 3000), headers: Self.csv)
            #expect(answer.body == #"{"data":{"imported":3000,"bad":0,"badRows":[]}}"#)
            #expect(try await shop.shell("SELECT count(*), sum(length(Text)) FROM rows") == [["3000", "3000000"]])
            let left = try FileManager.default.contentsOfDirectory(atPath: shop.folder.path).filter { $0.hasPrefix("seaworthy-import") }
            #expect(left.isEmpty)
            // The whole, in more pieces than one; as it is, for it would shrink more than the client believes.
            let plain: HTTPHeaders = ["Accept": "application/x-ndjson", "Accept-Encoding": "identity"]
            let lines = try await shop.api.get("/v1/rows", headers: plain).body.split(separator: "\n")
            #expect(lines.count == 3000)
        }
    }

    @Test func `a client that sends slowly does not hold the database, and too many at once are told to wait`() async throws {
        try await Self.with { shop in
            let end = Promise<Void>()
            async let slow = Self.send("Text\nslow\n", until: end, to: shop.api.address)
            let others = (0..<3).map { _ in
                Task { [address = shop.api.address] in try await Self.send("Text\n", until: end, to: address) }
            }
            // Once all four are under way the next is refused; what is written otherwise goes on all the while.
            var status = 200
            for _ in 0..<1000 where status != 503 {
                #expect(try await shop.api.post("/v1/rows", #"{"Text":"quick"}"#).status == 201)
                let answer = try await shop.api.post("/v1/rows/import", "Text\n", headers: Self.csv)
                status = answer.status
                if status == 503 { #expect(answer.headers.first(name: "Retry-After") == "5") }
            }
            #expect(status == 503)
            #expect(try await shop.shell("SELECT count(*) FROM rows WHERE Text = 'slow'") == [["0"]])
            end.resolve(())
            #expect(try await slow == 200)
            for task in others { #expect(try await task.value == 200) }
            #expect(try await shop.shell("SELECT count(*) FROM rows WHERE Text = 'slow'") == [["1"]])
        }
    }

    /// Sends the beginning of a body and ends it when it is told to; once more where there was no place for it.
    private static func send(_ text: String, until end: Promise<Void>, to address: String) async throws -> Int {
        while true {
            let (parts, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
            continuation.yield(ByteBuffer(string: text))
            Task {
                await end.value
                continuation.finish()
            }
            var request = HTTPClientRequest(url: address + "/v1/rows/import")
            request.method = .POST
            request.headers = csv
            request.body = .stream(parts, length: .unknown)
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
            _ = try await response.body.collect(upTo: 1024 * 1024)
            guard response.status == .serviceUnavailable else { return Int(response.status.code) }
        }
    }
}
