import Foundation
package import SeaworthyTelemetry

/// Which traces are made, and where they go. From the variables of OpenTelemetry, as far as they are built.
/// <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>
package struct TracingSettings: Sendable {
    /// Of the receiver, for traces: `OTEL_EXPORTER_OTLP_ENDPOINT` and `/v1/traces`.
    package let url: String
    /// Sent each time; secret.
    let headers: [(name: String, value: String)]
    package let form: OTLPProtocol
    package let sampler: TraceSampler
    /// Nil for the name of the schema.
    package let serviceName: String?
    /// Of the service, beside those that the server knows.
    package let attributes: [String: String]
}

extension Settings {
    private static let ratioSamplers: Set<String> = ["traceidratio", "parentbased_traceidratio"]

    /// Nil without a receiver: then no trace is made. All variables are checked all the same.
    static func tracing(_ reading: inout SettingsReading) -> TracingSettings? {
        let endpoint = reading.text("OTEL_EXPORTER_OTLP_ENDPOINT")
        let headers = pairs("OTEL_EXPORTER_OTLP_HEADERS", &reading, isName: isFieldName) ?? []
        let form = reading.text("OTEL_EXPORTER_OTLP_PROTOCOL").flatMap { OTLPProtocol(rawValue: $0) }
        let sampler = sampler(&reading)
        let service = reading.text("OTEL_SERVICE_NAME")
        let attributes = pairs("OTEL_RESOURCE_ATTRIBUTES", &reading) { !$0.isEmpty } ?? []
        guard let endpoint, let form, let sampler else { return nil }
        let all = Dictionary(attributes) { _, last in last }
        return TracingSettings(
            url: "\(endpoint)/v1/traces", headers: headers.map { ($0, $1) }, form: form, sampler: sampler,
            serviceName: service ?? all["service.name"], attributes: all)
    }

    private static func sampler(_ reading: inout SettingsReading) -> TraceSampler? {
        let ratio = ratio(&reading)
        guard let name = reading.text("OTEL_TRACES_SAMPLER") else { return nil }
        if reading.isGiven("OTEL_TRACES_SAMPLER_ARG"), !ratioSamplers.contains(name) {
            reading.report(
                SettingsProblem(
                    .conflictingValues, "OTEL_TRACES_SAMPLER_ARG", "is set, and OTEL_TRACES_SAMPLER=\(name) takes none",
                    fix: "unset it, or set OTEL_TRACES_SAMPLER=parentbased_traceidratio"))
        }
        return switch name {
        case "always_on": .alwaysOn
        case "always_off": .alwaysOff
        case "traceidratio": .ratio(ratio)
        case "parentbased_always_off": .parentBased(root: .alwaysOff)
        case "parentbased_traceidratio": .parentBased(root: .ratio(ratio))
        default: .parentBased(root: .alwaysOn)
        }
    }

    /// 1 where none is given, as the standard has it.
    private static func ratio(_ reading: inout SettingsReading) -> Double {
        guard let text = reading.text("OTEL_TRACES_SAMPLER_ARG") else { return 1 }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }), let ratio = Double(text), ratio <= 1 else {
            reading.report(
                SettingsProblem(
                    .invalidValue, "OTEL_TRACES_SAMPLER_ARG", "must be a share from 0 to 1",
                    fix: "write for instance 0.01 for one of a hundred"))
            return 1
        }
        return ratio
    }

    /// `name=value,name=value`, with what cannot stand there percent-encoded. Nothing of it is told: it may be secret.
    private static func pairs(
        _ name: String, _ reading: inout SettingsReading, isName: (String) -> Bool
    ) -> [(String, String)]? {
        guard let text = reading.text(name) else { return nil }
        var pairs: [(String, String)] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { trimmed($0) }
            guard pieces.count == 2, let key = pieces[0].removingPercentEncoding, isName(key),
                let value = pieces[1].removingPercentEncoding,
                !value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
            else {
                reading.report(
                    SettingsProblem(
                        .invalidValue, name, "must be NAME=VALUE, several separated by commas",
                        fix: "percent-encode what is no letter or digit, as %2C for a comma and %20 for a space"))
                return nil
            }
            pairs.append((key, value))
        }
        return pairs
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// A field's name (RFC 9110, 5.1) that is not settled otherwise.
    private static func isFieldName(_ name: String) -> Bool {
        let settled = ["content-type", "content-length", "transfer-encoding", "connection", "host"]
        return !name.isEmpty && !settled.contains(name.lowercased())
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}
