import HTTPTypes
import SeaworthyData
import SeaworthyStorage
import SeaworthyTelemetry
import Testing

@testable import Seaworthy
@testable import SeaworthyHTTP

@Suite struct `What is reported of a request` {
    private struct Unforeseen: Error, CustomStringConvertible { let description = "why" }

    private func fault(_ status: Int, code: String?, _ error: (any Error)?, route: String? = "/v1/notes/{key}") -> String {
        let fault = ErrorReports.fault(
            RequestFault(
                requestID: "r1", method: "GET", routeTemplate: route, status: status, userID: "u1", code: code, error: error))
        return "\(fault.level) \(fault.type): \(fault.message) \(fault.fingerprint.joined(separator: "|"))"
    }

    @Test func `is grouped by codes, and by the route only where nobody foresaw it`() {
        #expect(
            fault(500, code: "internal_error", StorageError(.failed, message: "no such table"))
                == "error storage.failed: no such table request|internal_error|storage.failed|GET /v1/notes/{key}")
        #expect(
            fault(500, code: "internal_error", Unforeseen(), route: nil).hasPrefix("error SeaworthyTests.")
                && fault(500, code: "internal_error", Unforeseen(), route: nil).hasSuffix("|GET (no route)"))
        #expect(
            fault(503, code: "unavailable", StorageError(.poolTimeout, message: "none came free"))
                == "warning storage.pool_timeout: none came free request|unavailable|storage.pool_timeout")
        #expect(
            fault(503, code: "busy", IdentityError(.busy, "not now"))
                == "warning \(IdentityError.Code.busy): not now request|busy|\(IdentityError.Code.busy)")
        #expect(
            fault(501, code: "unsupported_transfer_coding", Problem.unsupportedTransferCoding())
                == "warning unsupported_transfer_coding: The only transfer coding understood is chunked. request|unsupported_transfer_coding|unsupported_transfer_coding"
        )
        #expect(fault(503, code: nil, nil) == "info status 503: answered with 503 request|503|status 503|GET /v1/notes/{key}")
    }

    @Test func `names the request, and of who made it the id`() {
        let fault = ErrorReports.fault(
            RequestFault(requestID: "r1", method: nil, routeTemplate: nil, status: 501, userID: "u1", code: "x", error: Unforeseen()))
        #expect(fault.request == SentryFault.Request(id: "r1", method: "-", route: nil, status: 501, userID: "u1"))
        #expect(fault.tags.map { "\($0.0)=\($0.1)" } == ["code=x"] && fault.logger == "seaworthy.http")
    }
}
