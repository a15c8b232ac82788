import Foundation
import Testing

@Suite struct `seaworthy export` {
    private static let schema = """
        name: shop
        entities:
          Shelf:
            key: Code
            fields:
              Code: { type: string, max: 4 }
              Width: { type: decimal, precision: 8, scale: 2 }
              Note: { type: text }
            softDelete: true
        """
    private static let file = "Code,Width,Note,deletedAt\r\nA,1.50,=1,\r\nB,,\"\",\r\nC,2.00,x,2024-01-01T00:00:00.000000Z\r\n"

    private func folder() async throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        try folder.write(Self.file, to: "shelves.csv")
        #expect(try await SeaworthyProcess.run(["import", "Shelf", "shelves.csv"], in: folder.url).status == 0)
        return folder
    }

    @Test func `writes what the operator may see, whoever else may not`() async throws {
        let folder = try await folder()
        let all = try await SeaworthyProcess.run(["export", "Shelf"], in: folder.url)
        #expect(all.status == 0, "\(all.errors)")
        #expect(all.output == "Code,Width,Note,deletedAt,deletedBy\r\nA,1.50,=1,,\r\nB,,\"\",,\r\n")
        #expect(all.errors.isEmpty)
        let some = try await SeaworthyProcess.run(
            ["export", "Shelf", "--filter", #"{"Width":{"gt":1}}"#, "--deleted", "include", "--format", "ndjson"], in: folder.url)
        #expect(
            some.output == #"{"Code":"A","Width":"1.50","Note":"=1","deletedAt":null,"deletedBy":null}"# + "\n"
                + #"{"Code":"C","Width":"2.00","Note":"x","deletedAt":"2024-01-01T00:00:00.000000Z","deletedBy":null}"# + "\n")
        let spreadsheet = try await SeaworthyProcess.run(
            ["export", "Shelf", "--bom", "--guard", "--output", "sheet.csv"], in: folder.url)
        #expect(spreadsheet.status == 0, "\(spreadsheet.errors)")
        #expect(try folder.text("sheet.csv") == "\u{FEFF}Code,Width,Note,deletedAt,deletedBy\r\nA,1.50,'=1,,\r\nB,,\"\",,\r\n")
    }

    @Test(arguments: ["all.csv", "all.json", "all.ndjson"]) func `writes a file that import reads`(name: String) async throws {
        let folder = try await folder()
        try folder.write("old", to: name)
        let outcome = try await SeaworthyProcess.run(["export", "Shelf", "--output", name, "--deleted", "include"], in: folder.url)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == "Shelf: 3 exported to \(name)\n")
        #expect(outcome.errors.isEmpty)
        let rows = "SELECT * FROM shelfs ORDER BY Code"
        let before = try await SQLiteShell.rows(rows, in: folder.url.appendingPathComponent("seaworthy.db"))
        let other = ["DATABASE_URL": "sqlite:other.db"]
        let imported = try await SeaworthyProcess.run(["import", "Shelf", name], in: folder.url, environment: other)
        #expect(imported.output == "Shelf: 3 imported, 0 bad\n", "\(imported.errors)")
        #expect(try await SQLiteShell.rows(rows, in: folder.url.appendingPathComponent("other.db")) == before)
        #expect(!folder.exists(name + ".part"))
    }

    @Test func `names what it cannot do, and leaves the file that is there`() async throws {
        let folder = try await folder()
        try folder.write("old", to: "all.csv")
        try FileManager.default.createDirectory(at: folder.url.appendingPathComponent("taken.csv"), withIntermediateDirectories: false)
        let cases: [([String], Int32, String)] = [
            (["export", "Shelve"], 1, "did you mean «Shelf»?"),
            (["export", "Shelf", "--filter", "{"], 1, "--filter is not JSON"),
            (["export", "Shelf", "--filter", #"{"Nope":1}"#, "--output", "all.csv"], 1, "Nope"),
            (["export", "Shelf", "--deleted", "maybe"], 1, "--deleted is none of exclude, include, only"),
            (["export", "Shelf", "--format", "xml"], 64, "--format is one of"),
            (["export", "Shelf", "--output", "all.txt"], 1, "Fix: add --format csv, json, ndjson"),
            (["export", "Shelf", "--output", "none/all.csv"], 1, "cannot be written"),
            (["export", "Shelf", "--output", "taken.csv"], 1, "the file «taken.csv» cannot be written"),
            (["export", "Shelf", "--format", "json", "--guard"], 1, "--bom and --guard are for CSV"),
            (["export"], 64, "entity"),
        ]
        for (arguments, status, text) in cases {
            let outcome = try await SeaworthyProcess.run(arguments, in: folder.url)
            #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.contains(text), "\(arguments): \(outcome.errors)")
        }
        #expect(try folder.text("all.csv") == "old")
        #expect(!folder.exists("all.csv.part") && !folder.exists("taken.csv.part"))
    }
}
