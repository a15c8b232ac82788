import Foundation
import NIOHTTP1
import Testing

@Suite struct `The folder public` {
    @Test(arguments: ["seaworthy.yaml", "app/seaworthy.yaml"]) func `is served from beside the schema file`(schema: String) async throws {
        let folder = try TemporaryFolder()
        let beside = folder.url.appendingPathComponent(schema).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: beside.appendingPathComponent("public"), withIntermediateDirectories: true)
        try folder.write(
            "name: notes\nentities:\n  Note:\n    fields:\n      Text: { type: string }\n    access:\n      anyone: { read: true }\n",
            to: schema)
        try Data("<h1>home</h1>".utf8).write(to: beside.appendingPathComponent("public/index.html"))
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url, arguments: ["--schema", schema])
        let home = try await APIClient(address: address).get("/")
        #expect(home.status == 200)
        #expect(home.body == "<h1>home</h1>")
        #expect(try await APIClient(address: address).get("/seaworthy.yaml").status == 404)
        #expect(try await APIClient(address: address).get("/v1/notes").status == 200)
        await process.stop()
    }
}
