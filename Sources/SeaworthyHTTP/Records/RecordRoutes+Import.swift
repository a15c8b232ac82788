import HTTPTypes
import HummingbirdCore
import NIOCore
import SeaworthyData
import SeaworthySchema

/// Imports: the records of a body of any length, in one transaction.
extension RecordRoutes {
    @Sendable func importRecords(_ exchange: HTTPExchange) async throws -> Response {
        let skipsBadRows = try Self.skipsBadRows(exchange)
        try Self.refuseConditions(exchange)
        let key = try exchange.idempotencyKey()
        // Who may not import has not to send it all first.
        try records.requireCreating(by: exchange.caller)
        let type = try exchange.requireMediaType([.csv, .ndjson, .json])
        let format: ImportFormat =
            switch type {
            case .csv: .csv
            case .ndjson: .ndjson
            default: .json
            }
        return try await imports.with {
            let file = try await SpoolFile.receive(exchange.bodyPieces(maximumBytes: SpoolFile.maximumBytes))
            // Reading and checking rows takes a while, which is not the connection's event loop's.
            return try await withTaskExecutorPreference(globalConcurrentExecutor) {
                try await once.answer(exchange, key: key) {
                    try exchange.fingerprint(type, file)
                } answer: { report in
                    Self.answer(report)
                } write: { ending in
                    try await RecordImport(
                        into: records, from: file, options: .init(format: format, skipsBadRows: skipsBadRows), for: request(exchange),
                        ending: ending
                    ).run()
                }
            }
        }
    }

    private static func skipsBadRows(_ exchange: HTTPExchange) throws(Problem) -> Bool {
        var skips: Bool?
        for item in try exchange.queryItems() {
            guard item.name == "onError" else { throw .unknownParameter(item.name) }
            guard skips == nil, item.value == "skip" || item.value == "fail" else {
                throw .badParameter(
                    "onError", code: ProblemCode("invalid_parameter"), detail: "The parameter \"onError\" is skip or fail, and stands once."
                )
            }
            skips = item.value == "skip"
        }
        return skips ?? false
    }

    private static func answer(_ report: ImportReport) -> WriteAnswer {
        WriteAnswer(.ok, [.contentType: MediaType.json.fieldValue], ByteBuffer(string: json(report).compactText))
    }

    private static func json(_ report: ImportReport) -> JSONValue {
        let rows = report.badRows.map { row -> JSONValue in
            let errors = row.problems.map { problem -> JSONValue in
                ["pointer": .string(problem.pointer), "code": .string(problem.code), "detail": .string(problem.detail)]
            }
            return ["line": .number(String(row.line)), "errors": .array(errors)]
        }
        return [
            "data": [
                "imported": .number(String(report.imported)), "bad": .number(String(report.badCount)), "badRows": .array(rows),
            ]
        ]
    }
}
