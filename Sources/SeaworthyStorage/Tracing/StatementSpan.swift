import SeaworthySQL
import Tracing

/// The span of one statement, by OpenTelemetry's conventions for databases.
/// <https://opentelemetry.io/docs/specs/semconv/database/database-spans/>
struct StatementSpan {
    /// Milliseconds that it waited for a connection.
    static let waitAttribute = "seaworthy.pool.wait_ms"

    private let span: any Span

    /// Nil where no trace is recorded.
    ///
    /// - Parameter rows: how many rows of values go with it in one step.
    init?(_ sql: SQLText, on system: String, rows: Int? = nil) {
        guard let span = Traced.start("statement", .client) else { return nil }
        self.span = span
        let summary = StatementSummary(sql.text)
        span.operationName = [summary.operation, summary.collection].compactMap(\.self).joined(separator: " ")
        var attributes: SpanAttributes = [
            "db.system.name": .string(system), "db.query.text": .string(sql.text), "db.operation.name": .string(summary.operation),
        ]
        if let collection = summary.collection { attributes["db.collection.name"] = collection }
        if let rows { attributes["db.operation.batch.size"] = rows }
        span.attributes = attributes
    }

    func ending<Result>(_ wait: PoolWait? = nil, _ body: () async throws -> Result) async throws -> Result {
        defer {
            if let milliseconds = wait?.milliseconds { span.updateAttributes { $0[Self.waitAttribute] = milliseconds } }
            span.end()
        }
        do {
            return try await body()
        } catch {
            Traced.fail(span, error)
            throw error
        }
    }
}
