import Foundation
import SeaworthyTelemetry
import Testing

/// docs/observability.md against the descriptions of metrics. When it differs, the failure shows what it has to be.
@Suite struct `docs/observability.md` {
    @Test func `has the table that the descriptions make`() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../docs/observability.md")
        let page = try String(contentsOf: path.standardized, encoding: .utf8)
        let start = try #require(page.firstRange(of: "<!-- metrics: generated from the descriptions; a test compares -->\n")?.upperBound)
        let end = try #require(page[start...].firstRange(of: "<!-- end -->")?.lowerBound)
        #expect(page[start..<end] == MetricDescription.table(), "Write this into docs/observability.md:\n\(MetricDescription.table())")
    }
}
