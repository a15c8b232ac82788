import Foundation
import Testing

/// Examples/northwind/SCHEMA.md, which `seaworthy schema docs` makes of the schema beside it.
@Suite struct ExampleDocumentTests {
    @Test func `the example's schema docs are those of its schema`() async throws {
        let outcome = try await SeaworthyProcess.run(["schema", "docs"], in: ExampleServer.example)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let file = try String(contentsOf: ExampleServer.example.appendingPathComponent("SCHEMA.md"), encoding: .utf8)
        #expect(file == outcome.output, "In Examples/northwind run: seaworthy schema docs > SCHEMA.md")
    }
}
