import HTTPTypes
import HummingbirdCore
import SeaworthyData

/// Lists as CSV and NDJSON.
extension RecordRoutes {
    /// The parameter with options of CSV.
    private static let csvParameter = "csv"

    /// A list in a media type that has no place for `meta`: with `limit` a page, without it the whole, written as the client reads.
    func export(_ exchange: HTTPExchange, as type: MediaType) async throws -> Response {
        var items = try exchange.queryItems()
        var format = ExportFormat.ndjson
        if type == .csv {
            format = .csv(try Self.csvOptions(items))
            items.removeAll { $0.name == Self.csvParameter }
        }
        let export = try records.export(query: items, as: format, for: exchange.caller)
        var headers: HTTPFields = [.contentType: type.fieldValue, .vary: "Accept"]
        guard export.isWhole else {
            let page = try await export.page()
            headers[.link] = nextLink(page, exchange)
            return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: page.body))
        }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                var pieces = export.pieces
                // The next piece is read only when the client has taken the one before.
                while let piece = try await pieces.next() { try await writer.write(piece) }
                try await writer.finish(nil)
            })
    }

    private static func csvOptions(_ items: [QueryItems.Item]) throws(Problem) -> ExportFormat.CSVOptions {
        var options = ExportFormat.CSVOptions()
        let given = items.filter { $0.name == csvParameter }
        guard let value = given.first?.value else { return options }
        guard given.count == 1 else {
            throw .badParameter(csvParameter, code: ProblemCode("duplicate_parameter"), detail: "The parameter \"csv\" stands twice.")
        }
        for option in value.split(separator: ",", omittingEmptySubsequences: false) {
            switch option {
            case "bom": options.hasMark = true
            case "guard": options.guardsFormulas = true
            default:
                throw .badParameter(
                    csvParameter, code: ProblemCode("invalid_parameter"), detail: "The parameter \"csv\" takes bom, guard, or bom,guard.")
            }
        }
        return options
    }
}
