import HTTPTypes
import Testing

@testable import SeaworthyHTTP

@Suite struct `Accepted content coding` {
    @Test(arguments: [
        ("gzip", AcceptedCoding.gzip), ("GZIP", .gzip), ("x-gzip", .gzip), ("deflate, gzip, br", .gzip), ("*", .gzip),
        ("gzip;q=0.001", .gzip),
        ("gzip;q=0.5, identity;q=0.5", .gzip), ("gzip, identity", .gzip), ("gzip;q=0.4, identity;q=0.5", .identity), ("", .identity),
        ("br", .identity), ("identity", .identity), ("gzip;q=0", .identity), ("*;q=0", .identity), ("gzip;q=0, *", .identity),
        ("gzip;q=2", .identity), ("gzip identity", .identity), ("identity;q=0", .identity), ("gzip, identity;q=0", .gzipOnly),
        ("gzip, *;q=0", .gzipOnly), ("gzip, *;q=0, identity;q=0.1", .gzip), ("*, identity;q=0", .gzipOnly),
        ("identity;q=0, gzip;q=0", .identity),
        ("identity;q=0.5, *;q=0", .identity),
    ]) func `is what the field says`(field: String, expected: AcceptedCoding) {
        #expect(AcceptedCoding(field) == expected)
    }

    @Test(
        arguments: [
            (200, 1400, "application/json", "gzip", .gzip, true), (200, 1399, "application/json", "gzip", .plain, false),
            (200, nil, "application/json", "gzip", .gzip, true), (200, 0, "application/json", "gzip", .plain, false),
            (200, 1400, "application/json", nil, .plain, true), (200, 1400, "application/json", "br", .plain, true),
            (200, 5000, "image/png", "gzip", .plain, false), (200, 5000, nil, "gzip", .plain, false),
            (206, 5000, "text/html", "gzip", .plain, false), (204, nil, "text/html", "gzip", .plain, false),
            (404, 5000, "application/problem+json", "gzip", .gzip, true), (200, 10, "image/png", "gzip, identity;q=0", .gzipOnly, true),
            (200, 5000, "text/html", "gzip, identity;q=0", .gzipOnly, true), (200, 0, "text/html", "gzip, identity;q=0", .plain, false),
        ] as [(Int, Int?, String?, String?, ResponseCoding.Decision, Bool)]) func `decides by status, length and type`(
            status: Int, length: Int?, type: String?, accepted: String?, decision: ResponseCoding.Decision, varies: Bool
        )
    {
        var fields: HTTPFields = [:]
        fields[.contentType] = type
        let found = ResponseCoding(acceptEncoding: accepted).decide(status: .init(code: status), length: length, fields: &fields)
        #expect(found == decision)
        #expect(fields[.vary] == (varies ? "Accept-Encoding" : nil))
    }

    @Test(arguments: [
        "application/json", "text/csv; charset=utf-8", "application/x-ndjson", "text/plain", "text/html", "text/javascript", "text/css",
        "image/svg+xml", "application/problem+json", "application/health+json", "Application/JSON; x=y",
    ]) func `compresses text`(type: String) {
        #expect(MediaType(fieldValue: type).isCompressible)
    }

    @Test(arguments: ["image/png", "application/zip", "application/gzip", "font/woff2", "application/octet-stream", "video/mp4", ""])
    func `does not compress what is compressed already`(type: String) {
        #expect(!MediaType(fieldValue: type).isCompressible)
    }

    @Test func `leaves a coding that the route chose`() {
        var fields: HTTPFields = [.contentType: "text/html", .contentEncoding: "br"]
        #expect(ResponseCoding(acceptEncoding: "gzip").decide(status: .ok, length: 5000, fields: &fields) == .plain)
        #expect(fields[.vary] == nil)
    }

    @Test(
        arguments: [
            ("\"x\"", "\"x-gzip\"", "\"x-gzip\""), ("\"x\"", "\"x\"", "\"x\""), ("\"x\"", nil, "\"x\""),
            ("\"x\"", "\"y\", W/\"x\"", "W/\"x\""),
            ("\"x\"", "*", "\"x\""), ("\"x\"", "broken", "\"x\""), ("W/\"x\"", "\"x-gzip\"", "W/\"x\""),
        ] as [(String, String?, String)]) func `keeps in a 304 the tag that the client has`(tag: String, sent: String?, expected: String)
    {
        var fields: HTTPFields = [.eTag: tag]
        ResponseCoding.completeNotModified(&fields, ifNoneMatch: sent)
        #expect(fields[.eTag] == expected)
        #expect(fields[.vary] == "Accept-Encoding")
    }

    @Test func `marks a weak tag as it is`() {
        var fields: HTTPFields = [.eTag: "W/\"x\"", .contentLength: "7"]
        ResponseCoding.markCompressed(&fields)
        #expect(fields[.eTag] == "W/\"x\"")
        #expect(fields[.contentLength] == nil)
    }
}
