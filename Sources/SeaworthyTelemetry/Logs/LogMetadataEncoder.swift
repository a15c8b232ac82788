import Logging

/// Appends metadata to a line: as members of the JSON object, or as `key=value` in text.
///
/// The request id comes first, the other keys follow in the order of their bytes. Numbers and booleans stay what they are in
/// JSON. A key of the line's own (`time`, `level`, `label`, `message`) is written as `metadata.time` and so on, so that no
/// member stands twice.
enum LogMetadataEncoder {
    /// The metadata key under which a request's id is expected.
    static let requestID = "requestId"
    static let reserved: Set<String> = ["time", "level", "label", "message"]

    static func append(
        _ metadata: Logger.Metadata, format: LogFormat, hiding redaction: LogRedaction = LogRedaction(), to bytes: inout [UInt8]
    ) {
        guard !metadata.isEmpty else { return }
        if let value = metadata[requestID] {
            append(requestID, value, format: format, redaction, to: &bytes)
        }
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where key != requestID {
            append(key, value, format: format, redaction, to: &bytes)
        }
    }

    private static func append(
        _ key: String, _ value: Logger.MetadataValue, format: LogFormat, _ redaction: LogRedaction, to bytes: inout [UInt8]
    ) {
        let shown = LogRedaction.hides(key) ? .string(LogRedaction.replacement) : value
        switch format {
        case .json:
            bytes.append(UInt8(ascii: ","))
            LogText.appendQuoted(reserved.contains(key) ? "metadata.\(key)" : key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            appendJSON(shown, redaction, to: &bytes)
        case .text:
            bytes.append(UInt8(ascii: " "))
            appendWord(key, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            switch shown {
            case .string(let string): appendWord(redaction.masked(string), to: &bytes)
            case .stringConvertible(let convertible): appendWord(redaction.masked(convertible.description), to: &bytes)
            case .array, .dictionary: appendJSON(shown, redaction, to: &bytes)
            }
        }
    }

    private static func appendJSON(_ value: Logger.MetadataValue, _ redaction: LogRedaction, to bytes: inout [UInt8]) {
        switch value {
        case .string(let string):
            LogText.appendQuoted(redaction.masked(string), to: &bytes)
        case .stringConvertible(let convertible):
            if let literal = jsonLiteral(convertible) {
                bytes.append(contentsOf: literal.utf8)
            } else {
                LogText.appendQuoted(redaction.masked(convertible.description), to: &bytes)
            }
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                appendJSON(element, redaction, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .dictionary(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                LogText.appendQuoted(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                appendJSON(LogRedaction.hides(member.key) ? .string(LogRedaction.replacement) : member.value, redaction, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// The JSON number or boolean the value is, or nil for what is written as a string.
    private static func jsonLiteral(_ value: any CustomStringConvertible) -> String? {
        switch value {
        case let boolean as Bool: boolean ? "true" : "false"
        case let integer as any FixedWidthInteger: integer.description
        case let double as Double: double.isFinite ? double.description : nil
        default: nil
        }
    }

    /// Bare when that cannot be misread, in quotes otherwise.
    private static func appendWord(_ text: String, to bytes: inout [UInt8]) {
        let isBare =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "=")
            }
        if isBare {
            bytes.append(contentsOf: text.utf8)
        } else {
            LogText.appendQuoted(text, to: &bytes)
        }
    }
}
