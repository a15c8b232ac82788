import Logging
import Testing

@testable import SeaworthyTelemetry

struct AccessLogTests {
    private let file: LogFile
    private let record = AccessRecord(
        requestID: "r-1", method: "GET", route: "/v1/orders/{key}", path: "/v1/orders/1?filter=secret", status: 200, bytesOut: 12,
        durationNanoseconds: 1_234_567, remoteAddress: "127.0.0.1:5", userAgent: "curl/8 \"x\"")

    init() throws { file = try LogFile() }

    private func lines(_ record: AccessRecord, _ format: LogFormat = .json, level: Logger.Level = .info) throws -> [String] {
        let writer = LogWriter(descriptor: file.descriptor, format: format)
        AccessLog(writer: writer, level: level, redaction: LogRedaction(secrets: ["correct horse"])).accessLine(record)
        #expect(writer.shutdown(timeout: .seconds(60)))
        return try file.bodies()
    }

    @Test func `an access line in JSON has all of the record but the query`() throws {
        #expect(
            try lines(record) == [
                #"{"time":"TIME","level":"info","label":"seaworthy.access","message":"request","requestId":"r-1","method":"GET","route":"/v1/orders/{key}","status":200,"bytesOut":12,"durationMs":1.234,"remoteAddress":"127.0.0.1:5","userAgent":"curl/8 \"x\""}"#
            ])
    }

    @Test func `what is not known is left out`() throws {
        let bare = AccessRecord(requestID: "r", method: "PUT", route: nil, path: "/x#y", status: 404, bytesOut: 0, durationNanoseconds: 999)
        #expect(
            try lines(bare).first?.hasSuffix(
                #""requestId":"r","method":"PUT","path":"/x","status":404,"bytesOut":0,"durationMs":0.000}"#) == true)
    }

    @Test func `an access line in text is one short line`() throws {
        #expect(try lines(record, .text) == ["TIME INFO     seaworthy.access: GET /v1/orders/{key} 200 12B 1.234ms requestId=r-1"])
    }

    @Test(arguments: [
        (Int64(0), "0.000"), (1000, "0.001"), (10_000, "0.010"), (99_999, "0.099"), (100_000, "0.100"), (-5, "0.000"),
        (61_000_000_000, "61000.000"),
    ])
    func `a duration is in milliseconds with three digits`(nanoseconds: Int64, text: String) throws {
        var record = record
        record.durationNanoseconds = nanoseconds
        #expect(try lines(record).first?.contains(#""durationMs":\#(text),"#) == true)
    }

    @Test func `a query is never written, whatever follows the question mark`() throws {
        var record = record
        record.path = "/v1/x?\u{301}name=private"
        record.route = nil
        #expect(try lines(record).first?.contains("private") == false)
    }

    @Test func `long paths and user agents are cut`() throws {
        var record = record
        record.path = "/" + String(repeating: "p", count: 2048)
        record.route = nil
        record.userAgent = String(repeating: "u", count: 257)
        let line = try #require(try lines(record).first)
        #expect(line.contains("\"/" + String(repeating: "p", count: 2047) + "…\""))
        #expect(line.contains("\"" + String(repeating: "u", count: 256) + "…\""))
    }

    @Test func `the path of a route is written at level debug alone, since keys are data`() throws {
        #expect(try lines(record, level: .debug).first?.contains(#""route":"/v1/orders/{key}","path":"/v1/orders/1","status""#) == true)
        let text = try #require(try lines(record, .text, level: .debug).last)
        #expect(text.contains("GET /v1/orders/1 200"))
    }

    @Test func `what looks like a secret is hidden in paths and user agents`() throws {
        var record = record
        record.route = nil
        record.path = "/reset/sw_abcdefghijklmnop/correct horse"
        record.userAgent = "tool Bearer abcdefgh12345"
        let line = try #require(try lines(record).first)
        #expect(line.contains(#""path":"/reset/[redacted]/[redacted]""#) && line.contains(#""userAgent":"tool Bearer [redacted]""#))
    }

    @Test func `access lines appear down to level info`() throws {
        #expect(try lines(record, level: .notice).isEmpty)
        #expect(try lines(record, level: .info).count == 1)
        #expect(try lines(record, level: .trace).count == 2)
    }
}
