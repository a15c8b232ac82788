package import Logging

/// Writes one line a request, at level info, past swift-log: no metadata dictionary, no buffer of its own.
///
/// Where a route answered, its template stands for the path: keys are data of somebody's. At level debug the path stands beside it.
/// A 5xx line is written with the others; the error itself is logged where it happens.
package struct AccessLog: Sendable {
    package static let label = "seaworthy.access"
    /// Longer paths and user agents are cut to these many bytes and end in `…`.
    static let maximumPathBytes = 2048
    static let maximumUserAgentBytes = 256

    private let redaction: LogRedaction
    private let writer: LogWriter
    private let showsPaths: Bool
    /// False when the log's level leaves out info, and then no record need be made.
    package let isEnabled: Bool

    /// - Parameters:
    ///   - level: the log's level; lines appear when it is info or finer.
    ///   - redaction: hides secrets in what clients send.
    package init(writer: LogWriter, level: Logger.Level, redaction: LogRedaction = LogRedaction()) {
        self.writer = writer
        self.redaction = redaction
        self.isEnabled = level <= .info
        showsPaths = level <= .debug
    }

    package func accessLine(_ record: AccessRecord) {
        guard isEnabled else { return }
        // What clients send is looked through before the writer is locked: others need not wait for it.
        let path =
            showsPaths || record.route == nil ? redaction.masked(Self.pathOnly(record.path), limit: Self.maximumPathBytes) : nil
        switch writer.format {
        case .json:
            let agent = record.userAgent.map { redaction.masked($0[...], limit: Self.maximumUserAgentBytes) }
            writer.write { Self.appendJSON(record, path, agent, to: &$0) }
        case .text:
            let colored = writer.colored
            writer.write { Self.appendText(record, path, colored: colored, to: &$0) }
        }
    }

    private static func appendJSON(_ record: AccessRecord, _ path: String?, _ agent: String?, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: #","level":"info","label":"seaworthy.access","message":"request","requestId":"#.utf8)
        LogText.appendQuoted(record.requestID, to: &bytes)
        bytes.append(contentsOf: #","method":"#.utf8)
        LogText.appendQuoted(record.method, to: &bytes)
        if let route = record.route {
            bytes.append(contentsOf: #","route":"#.utf8)
            LogText.appendQuoted(route, to: &bytes)
        }
        if let path {
            bytes.append(contentsOf: #","path":"#.utf8)
            LogText.appendQuoted(path, to: &bytes)
        }
        bytes.append(contentsOf: #","status":"#.utf8)
        bytes.append(contentsOf: String(record.status).utf8)
        bytes.append(contentsOf: #","bytesOut":"#.utf8)
        bytes.append(contentsOf: String(record.bytesOut).utf8)
        bytes.append(contentsOf: #","durationMs":"#.utf8)
        appendMilliseconds(record.durationNanoseconds, to: &bytes)
        if let address = record.remoteAddress {
            bytes.append(contentsOf: #","remoteAddress":"#.utf8)
            LogText.appendQuoted(address, to: &bytes)
        }
        if let agent {
            bytes.append(contentsOf: #","userAgent":"#.utf8)
            LogText.appendQuoted(agent, to: &bytes)
        }
        if let trace = record.trace {
            bytes.append(contentsOf: #","traceId":"\#(trace.traceID.text)","spanId":"\#(trace.spanID.text)""#.utf8)
        }
    }

    /// `GET /v1/orders 200 1234B 1.234ms requestId=…`
    private static func appendText(_ record: AccessRecord, _ path: String?, colored: Bool, to bytes: inout [UInt8]) {
        var shown: [UInt8] = []
        LogText.appendQuoted(path ?? record.route ?? "", to: &shown)
        LogLineHead.append(level: .info, label: label, message: record.method, format: .text, colored: colored, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: shown[1..<(shown.count - 1)])  // without the quotes
        bytes.append(contentsOf: " \(record.status) \(record.bytesOut)B ".utf8)
        appendMilliseconds(record.durationNanoseconds, to: &bytes)
        bytes.append(contentsOf: "ms requestId=".utf8)
        LogText.appendPlain(record.requestID, to: &bytes)
        if let trace = record.trace { bytes.append(contentsOf: " traceId=\(trace.traceID.text) spanId=\(trace.spanID.text)".utf8) }
    }

    private static func pathOnly(_ target: String) -> Substring {
        // By bytes: a combining mark after the question mark must not hide it.
        let end = target.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        return target[..<(end ?? target.endIndex)]
    }

    /// Milliseconds with three digits of fraction; a negative duration counts as none.
    private static func appendMilliseconds(_ nanoseconds: Int64, to bytes: inout [UInt8]) {
        let microseconds = max(0, nanoseconds) / 1000
        let fraction = microseconds % 1000
        bytes.append(contentsOf: String(microseconds / 1000).utf8)
        bytes.append(UInt8(ascii: "."))
        if fraction < 100 { bytes.append(UInt8(ascii: "0")) }
        if fraction < 10 { bytes.append(UInt8(ascii: "0")) }
        bytes.append(contentsOf: String(fraction).utf8)
    }
}
