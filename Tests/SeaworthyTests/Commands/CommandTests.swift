import Foundation
import SeaworthySchema
import Testing

@Suite struct `The command line` {
    private static let schema = """
        name: shop
        entities:
          Shelf:
            key: Code
            fields:
              Code: { type: string, max: 4 }
              Width: { type: decimal, precision: 8, scale: 2, min: 0 }
              Over: { references: Shelf, as: over }
        """

    private func folder(_ files: [String: String] = [:]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        for (name, text) in files { try folder.write(text, to: name) }
        return folder
    }

    private func rows(_ folder: TemporaryFolder) async throws -> [[String]] {
        try await SQLiteShell.rows(
            "SELECT Code, coalesce(Width, 'null'), coalesce(Over, 'null') FROM shelfs ORDER BY Code",
            in: folder.url.appendingPathComponent("seaworthy.db"))
    }

    @Test func `check is silent on what is right and names every problem at its place`() async throws {
        let folder = try folder()
        let sound = try await SeaworthyProcess.run(["check"], in: folder.url)
        #expect(sound.status == 0)
        // A command that only looks leaves nothing behind.
        #expect(!folder.exists(".seaworthy") && !folder.exists("seaworthy.db"))
        #expect(sound.errors.isEmpty)
        try folder.write(Self.schema.replacing("max: 4", with: "maks: 4").replacing("scale: 2", with: "scale: 99"), to: "seaworthy.yaml")
        let wrong = try await SeaworthyProcess.run(["check"], in: folder.url, environment: ["PORT": "99999"])
        #expect(wrong.status == 1)
        #expect(wrong.errors.contains("seaworthy.yaml:6:29: error"))
        #expect(wrong.errors.contains("seaworthy.yaml:7:"))
        #expect(wrong.errors.contains("PORT: error"))
        let json = try await SeaworthyProcess.run(["check", "--json"], in: folder.url)
        #expect(json.status == 1)
        guard case .object(let report) = try JSONParser.parse(json.output) else { return }
        #expect(report["ok"] == false)
    }

    @Test func `check prints the JSON Schema of the language`() async throws {
        let folder = try folder()
        let outcome = try await SeaworthyProcess.run(["check", "--print-schema"], in: folder.url)
        #expect(outcome.status == 0)
        guard case .object(let document) = try JSONParser.parse(outcome.output) else { return }
        #expect(document["$schema"] == "https://json-schema.org/draft/2020-12/schema")
    }

    @Test(arguments: [
        ("shelves.csv", "Code,Width,Over\r\nA,1.5,B\r\nB,,\r\n"),
        ("shelves.json", #"[{"Code":"A","Width":"1.5","Over":"B"}, {"Code":"B"}]"#),
        ("shelves.ndjson", "{\"Code\":\"A\",\"Width\":1.50,\"Over\":\"B\"}\n\n{\"Code\":\"B\"}\n"),
    ])
    func `import takes every format, and references to rows further down`(name: String, text: String) async throws {
        let folder = try folder([name: text])
        let outcome = try await SeaworthyProcess.run(["import", "Shelf", name], in: folder.url)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == "Shelf: 2 imported, 0 bad\n")
        #expect(try await rows(folder) == [["A", "150", "B"], ["B", "null", "null"]])
    }

    private static let badRows = "Code,Width,Over\nA,1,\nB,x,\nC,3,Z\nD,-4,\nA,5,\nEEEEE,6,\nF,7,A\n"

    @Test func `import keeps nothing of a file with bad rows, and tells each by its line`() async throws {
        let folder = try folder(["bad.csv": Self.badRows])
        let outcome = try await SeaworthyProcess.run(["import", "Shelf", "bad.csv"], in: folder.url)
        #expect(outcome.status == 1)
        #expect(
            outcome.errors.split(separator: "\n").map(String.init) == [
                "line 3: /Width is not a decimal number; expected a string with a decimal number of at most 8 digits, 2 of them after the point",
                "line 4: /Over there is no Shelf with this key",
                "line 5: /Width is less than the minimum \"0.00\"",
                "line 6: /Code is taken already",
                "line 7: /Code has 5 characters; at most 4 are allowed",
                "error: bad.csv: 5 row(s) are bad; nothing of this transaction was kept",
                "Shelf: 0 imported, 5 bad",
            ])
        #expect(try await rows(folder).isEmpty)
    }

    @Test func `import --skip-bad goes on, --batch commits on the way, --json reports`() async throws {
        let skipping = try folder(["bad.csv": Self.badRows])
        let skipped = try await SeaworthyProcess.run(["import", "Shelf", "bad.csv", "--skip-bad", "--json"], in: skipping.url)
        #expect(skipped.status == 0)
        guard case .object(let report) = try JSONParser.parse(skipped.output) else { return }
        #expect(report["imported"] == 2)
        #expect(report["bad"] == 5)
        #expect(try await rows(skipping) == [["A", "100", "null"], ["F", "700", "A"]])

        let batching = try folder(["bad.csv": "Code\nA\nB\nC\nTOO LONG\nE\n"])
        let batched = try await SeaworthyProcess.run(["import", "Shelf", "bad.csv", "--batch", "2"], in: batching.url)
        #expect(batched.status == 1)
        #expect(batched.errors.hasSuffix("Shelf: 2 imported, 1 bad\n"))
        #expect(try await rows(batching).map { $0[0] } == ["A", "B"])
    }

    @Test func `import leaves alone what others left pointing at nothing`() async throws {
        let folder = try folder(["none.csv": "Code\n", "some.csv": "Code,Over\nA,\nB,GONE\nC,ELSE\n"])
        #expect(try await SeaworthyProcess.run(["import", "Shelf", "none.csv"], in: folder.url).status == 0)
        // The shell does not enforce foreign keys unless it is told to.
        _ = try await SQLiteShell.rows(
            "INSERT INTO shelfs (Code, Over) VALUES ('OLD', 'GONE')", in: folder.url.appendingPathComponent("seaworthy.db"))
        let outcome = try await SeaworthyProcess.run(["import", "Shelf", "some.csv", "--skip-bad"], in: folder.url)
        #expect(outcome.status == 0)
        #expect(
            outcome.errors
                == "line 3: /Over there is no Shelf with this key\nline 4: /Over there is no Shelf with this key\nShelf: 1 imported, 2 bad\n"
        )
        #expect(try await rows(folder) == [["A", "null", "null"], ["OLD", "null", "GONE"]])
    }

    @Test func `import names what it cannot read`() async throws {
        let folder = try folder(["a.txt": "Code\nA\n", "wide.csv": "Code,Widht\nA,1\n"])
        let cases: [([String], Int32, String)] = [
            (["import", "Shelf", "none.csv"], 1, "there is no file «none.csv»"),
            (["import", "Shelve", "wide.csv"], 1, "did you mean «Shelf»?"),
            (["import", "Shelf", "a.txt"], 1, "Fix: add --format csv, json, ndjson"),
            (["import", "Shelf", "a.txt", "--format", "xml"], 64, "--format is one of"),
            (["import", "Shelf", "wide.csv", "--batch", "0"], 64, "--batch takes"),
            (["import", "Shelf", "wide.csv"], 1, "line 1: the column «Widht» is not a field of Shelf; did you mean «Width»?"),
            (["import", "Shelf"], 64, "file"),
        ]
        for (arguments, status, text) in cases {
            let outcome = try await SeaworthyProcess.run(arguments, in: folder.url)
            #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.contains(text), "\(arguments): \(outcome.errors)")
        }
        #expect(try await SeaworthyProcess.run(["import", "Shelf", "a.txt", "--format", "csv"], in: folder.url).status == 0)
    }

    @Test(arguments: ["init", "readiness", "generate"])
    func `commands of later versions are refused as such`(command: String) async throws {
        let folder = try folder()
        let outcome = try await SeaworthyProcess.run([command, "x", "--y"], in: folder.url)
        #expect(outcome.status == 64)
        #expect(outcome.errors == "error: seaworthy \(command) is not supported in this version [not_supported]\n")
    }

    @Test func `schema prints the model as a diagram and as a document`() async throws {
        let folder = try folder()
        let diagram = try await SeaworthyProcess.run(["schema", "diagram"], in: folder.url)
        #expect(diagram.status == 0, "\(diagram.errors)")
        #expect(
            diagram.output == """
                erDiagram
                    "Shelf" {
                        string Code PK
                        decimal Width "8 digits, 2 after the point"
                        string Over FK
                    }
                    "Shelf" |o..o{ "Shelf" : "over"

                """)
        try FileManager.default.moveItem(
            at: folder.url.appendingPathComponent("seaworthy.yaml"), to: folder.url.appendingPathComponent("other.yaml"))
        let docs = try await SeaworthyProcess.run(["schema", "docs", "--schema", "other.yaml"], in: folder.url)
        #expect(docs.status == 0, "\(docs.errors)")
        #expect(docs.output.hasPrefix("# The data model of shop\n\n1 entity:\n\n- [Shelf](#shelf)\n\n## Shelf\n"))
        #expect(docs.output.hasSuffix("\n\n### Access to Shelf\n\nNobody may do anything.\n"))
        // Commands that only look leave nothing behind.
        #expect(!folder.exists(".seaworthy") && !folder.exists("seaworthy.db"))
        for command in ["diagram", "docs"] {
            let missing = try await SeaworthyProcess.run(["schema", command], in: folder.url)
            #expect(missing.status == 1)
            #expect(
                missing.output.isEmpty && missing.errors.hasPrefix("error: there is no schema file at seaworthy.yaml."), "\(missing.errors)"
            )
            #expect(try await SeaworthyProcess.run(["schema", command, "--nope"], in: folder.url).status == 64)
        }
        #expect(try await SeaworthyProcess.run(["schema", "nope"], in: folder.url).status == 64)
    }

    @Test func `serve --watch and unknown options are wrong usage`() async throws {
        let folder = try folder()
        let watch = try await SeaworthyProcess.run(["serve", "--watch"], in: folder.url)
        #expect(watch.status == 64)
        #expect(watch.errors.contains("not supported in this version"))
        #expect(try await SeaworthyProcess.run(["serve", "--nope"], in: folder.url).status == 64)
        #expect(try await SeaworthyProcess.run(["nope"], in: folder.url).status == 64)
        let version = try await SeaworthyProcess.run(["--version"], in: folder.url)
        #expect(version.status == 0)
        #expect(version.output == "0.1.0 (unreleased)\n")
    }

    @Test func `health exits with 0 only when a server is ready`() async throws {
        let folder = try folder()
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url)
        let port = try #require(address.split(separator: ":").last.map(String.init))
        #expect(try await SeaworthyProcess.run(["health"], in: folder.url, environment: ["PORT": port]).status == 0)
        #expect(try await SeaworthyProcess.run(["health", "--url", address + "/"], in: folder.url).status == 0)
        #expect(try await SeaworthyProcess.run(["health", "--url", address + "/nope"], in: folder.url).status == 1)
        await process.stop()
        let gone = try await SeaworthyProcess.run(["health", "--url", address], in: folder.url)
        #expect(gone.status == 1)
        #expect(gone.errors.contains("does not answer"))
        #expect(try await SeaworthyProcess.run(["health", "--url", "ftp://x"], in: folder.url).status == 1)
    }
}
