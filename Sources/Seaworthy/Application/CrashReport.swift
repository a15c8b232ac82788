import SeaworthySchema
import SeaworthyTelemetry

/// What Swift's backtracer wrote of a crash (`format=json`; docs/Backtracing.rst of swiftlang/swift). Memory and registers, which it has too, are
/// left where they are.
enum CrashReport {
    /// - Returns: a fault without a stack for a report that cannot be read: there was a crash in any case.
    static func fault(_ bytes: [UInt8], file: String) -> SentryFault {
        let report: JSONObject? = (try? JSONParser.parse(String(decoding: bytes, as: UTF8.self)))?.members
        guard let report, report["kind"] == "crashReport" else {
            return SentryFault(
                .fatal, logger: "seaworthy.crash", type: "crash", message: "the report of a crash cannot be read: \(file)",
                fingerprint: ["crash", "unreadable"], isHandled: false)
        }
        let description = report["description"]?.text ?? "crash"
        let threads: [JSONObject] = (report["threads"]?.values ?? []).compactMap(\.members)
        let crashed: JSONObject? = threads.first { $0["crashed"] == true } ?? threads.first
        let frames: [SentryFault.Frame] = (crashed?["frames"]?.values ?? []).compactMap(\.members).compactMap(frame)
        // Where it happened tells two crashes of the same kind apart; addresses are others after each build.
        let place = frames.first { $0.function != nil && $0.file != nil } ?? frames.first { $0.function != nil }
        var extra = [("file", file)]
        for name in ["platform", "architecture", "timestamp"] {
            if let text = report[name]?.text { extra.append((name, text)) }
        }
        if let thread = crashed?["name"]?.text { extra.append(("thread", thread)) }
        return SentryFault(
            .fatal, logger: "seaworthy.crash", type: description, message: place?.function.map { "in \($0)" } ?? description,
            fingerprint: ["crash", description, place?.function ?? ""], extra: extra, frames: frames.reversed(), isHandled: false)
    }

    /// Nil for what stands for frames that are left out.
    private static func frame(_ frame: JSONObject) -> SentryFault.Frame? {
        guard let address = frame["address"]?.text else { return nil }
        let location = frame["sourceLocation"]?.members
        let function = frame["description"]?.text.map(name)
        var line: Int?
        if case .number(let number)? = location?["line"] { line = Int(number) }
        return SentryFault.Frame(
            function: function ?? frame["symbol"]?.text, file: location?["file"]?.text, line: line, image: frame["image"]?.text,
            address: address)
    }

    /// Of `deep(_:) + 130` what stands before the offset.
    private static func name(_ description: String) -> String {
        guard let plus = description.utf8.lastIndex(of: UInt8(ascii: "+")) else { return description }
        let (before, offset) = (description[..<plus], description[plus...].dropFirst(2))
        return before.hasSuffix(" ") && !offset.isEmpty && offset.allSatisfy(\.isNumber) ? String(before.dropLast()) : description
    }
}

extension JSONValue {
    fileprivate var members: JSONObject? { if case .object(let members) = self { members } else { nil } }
    fileprivate var values: [JSONValue]? { if case .array(let values) = self { values } else { nil } }
    fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
}
