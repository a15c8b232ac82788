import SeaworthyMaintenance
import SeaworthyPostgres
import SeaworthySchema

/// A setting's value in its type.
enum SettingValue: Equatable {
    case text(String)
    case texts([String])
    case integer(Int)
    case duration(Duration)
    case location(DatabaseSettings.Location)

    /// What a value is not, and what to write instead.
    struct Refusal: Error, Equatable {
        let code: SettingsProblem.Code
        let detail: String
        let fix: String

        init(_ detail: String, fix: String, code: SettingsProblem.Code = .invalidValue) {
            self.code = code
            self.detail = detail
            self.fix = fix
        }
    }

    /// Reads a value as its definition says.
    /// - Parameter workingDirectory: where relative paths start.
    static func parse(_ text: String, as definition: SettingDefinition, workingDirectory: String) throws(Refusal) -> SettingValue {
        switch definition.kind {
        case .choice(let words, let ignoringCase):
            let word = ignoringCase ? text.lowercased() : text
            if definition.name == "OTEL_EXPORTER_OTLP_PROTOCOL", word == "grpc" {
                throw Refusal(
                    "is not supported in this version", fix: "set it to http/protobuf, and the port of it, commonly 4318",
                    code: .notSupported)
            }
            guard words.contains(word) else {
                throw Refusal("must be one of \(words.joined(separator: ", "))", fix: "set \(definition.name) to one of these")
            }
            return .text(word)
        case .host:
            return .text(try host(text, name: definition.name))
        case .integer(let bounds):
            guard let number = WholeNumber.parse(text), bounds.contains(number) else {
                throw Refusal(
                    "must be a whole number from \(bounds.lowerBound) to \(bounds.upperBound)",
                    fix: "set \(definition.name) to such a number, or unset it")
            }
            return .integer(number)
        case .duration(let bounds):
            guard let duration = DurationText.parse(text), bounds.contains(duration) else {
                let (low, high) = (DurationText.render(bounds.lowerBound), DurationText.render(bounds.upperBound))
                throw Refusal(
                    "must be a duration from \(low) to \(high), a whole number with ms, s, m, h or d",
                    fix: "write for instance \(definition.name)=30s")
            }
            return .duration(duration)
        case .size(let bounds):
            guard let bytes = ByteSizeText.parse(text), bounds.contains(bytes) else {
                let (low, high) = (ByteSizeText.render(bounds.lowerBound), ByteSizeText.render(bounds.upperBound))
                throw Refusal(
                    "must be a size from \(low) to \(high), a whole number with B, KB, MB, GB, KiB, MiB or GiB",
                    fix: "write for instance \(definition.name)=\(high)")
            }
            return .integer(bytes)
        case .postgresURL:
            return .text(try connection(text, name: definition.name))
        case .postgresURLs:
            return .texts(try connections(text, name: definition.name))
        case .databaseURL:
            return .location(try location(text, name: definition.name, workingDirectory: workingDirectory))
        case .file, .folder:
            return .text(SettingFile.path(text, in: workingDirectory))
        case .schedule:
            guard BackupSchedule(text) != nil else {
                throw Refusal(
                    "must be five fields as cron has them (minute hour day month weekday, in UTC) or one of @hourly, @daily, @weekly, @monthly",
                    fix: "write for instance \(definition.name)=\"0 3 * * *\"")
            }
            return .text(text)
        case .retention:
            guard BackupRetention(text) != nil else {
                throw Refusal(
                    "must be a number of days, or three: for the newest of each day, week and month",
                    fix: "write for instance \(definition.name)=7,28,365")
            }
            return .text(text)
        case .addressRanges:
            let parts = list(text)
            guard parts.allSatisfy({ AddressRange($0) != nil }) else {
                throw Refusal(
                    "must be IP addresses or ranges of them, separated by commas",
                    fix: "write for instance \(definition.name)=10.0.0.0/8,192.0.2.7,2001:db8::/32")
            }
            return .texts(parts)
        case .origins:
            return .texts(list(text))
        case .domain:
            let labels = text.split(separator: ".", omittingEmptySubsequences: false)
            guard labels.count >= 2, labels.allSatisfy({ !$0.isEmpty }), IPAddress(text) == nil,
                text.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || isLetterOrDigit($0) })
            else {
                throw Refusal(
                    "must be a domain of two names at least, without a dot before it",
                    fix: "write for instance \(definition.name)=example.com")
            }
            return .text(text.lowercased())
        case .publicURL:
            return .text(try PublicURL.canonical(text, name: definition.name))
        case .bearerToken:
            guard isBearerToken(text) else {
                throw Refusal(
                    "must be letters, digits and - . _ ~ + /, with = at the end only",
                    fix: "set \(definition.name) to the output of: openssl rand -hex 32")
            }
            return .text(text)
        case .bucketURL, .endpoint, .signingKeys, .smtpURL, .mailSender, .redisURL:
            // Read together with what they depend on.
            return .text(text)
        case .secretKeys, .anyText, .text:
            return .text(text)
        }
    }

    /// `b64token` of RFC 6750, 2.1: what can be sent behind `Bearer`.
    private static func isBearerToken(_ text: String) -> Bool {
        let body = text.utf8.reversed().drop { $0 == UInt8(ascii: "=") }
        return !body.isEmpty && body.allSatisfy { isLetterOrDigit($0) || "-._~+/".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    /// What stands between commas, without the spaces around it.
    private static func list(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            String(part.reversed().drop { $0 == " " }.reversed().drop { $0 == " " })
        }
    }

    private static func host(_ text: String, name: String) throws(Refusal) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case _ where isLetterOrDigit(byte): true
            case UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "%"): true
            default: false
            }
        }
        guard isPlain else {
            throw Refusal(
                "must be a host name or an IP address, without scheme, brackets or path",
                fix: "write for instance \(name)=0.0.0.0 or \(name)=::1")
        }
        return text
    }

    private static func location(_ text: String, name: String, workingDirectory: String) throws(Refusal) -> DatabaseSettings.Location {
        let fix = "write \(name)=sqlite:PATH, \(name)=sqlite::memory: or \(name)=postgres://USER:PASSWORD@HOST:PORT/DATABASE"
        let scheme = scheme(of: text)
        if postgresSchemes.contains(scheme) { return .postgres(try connection(text, name: name)) }
        guard scheme == "sqlite", let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            throw Refusal("must begin with sqlite: or postgres://", fix: fix)
        }
        let path = String(text[colon...].dropFirst())
        if path == ":memory:" { return .memory }
        switch path {
        case _ where path.isEmpty:
            throw Refusal("names no file after sqlite:", fix: fix)
        case _ where path.hasPrefix("//"):
            throw Refusal(
                "must not have // after sqlite:, which is read differently everywhere",
                fix: "write \(name)=sqlite:/absolute/path or \(name)=sqlite:relative/path")
        case _ where path.utf8.contains(UInt8(ascii: "?")):
            throw Refusal("has parameters after ?, which are not supported in this version", fix: fix, code: .notSupported)
        case _ where path.hasPrefix(":") || path.hasPrefix("file:"):
            throw Refusal("must name a file or be sqlite::memory:", fix: fix)
        case _ where path.hasSuffix("/"):
            throw Refusal("names a folder", fix: fix)
        default:
            return .file(SettingFile.path(path, in: workingDirectory))
        }
    }

    private static let postgresSchemes: Set = ["postgres", "postgresql"]

    /// In lower case; empty when there is none.
    private static func scheme(of text: String) -> String {
        text.utf8.firstIndex(of: UInt8(ascii: ":")).map { text[..<$0].lowercased() } ?? ""
    }

    /// A connection URI of PostgreSQL. Nothing of it is quoted but the names of its parameters: it may hold a password.
    private static func connection(_ text: String, name: String) throws(Refusal) -> String {
        let form = "write \(name)=postgres://USER:PASSWORD@HOST:PORT/DATABASE"
        let scheme = scheme(of: text)
        let rest = text.dropFirst(scheme.count)
        guard postgresSchemes.contains(scheme), rest.hasPrefix("://") else { throw Refusal("must begin with postgres://", fix: form) }
        // libpq knows the schemes in lower case only.
        let uri = scheme + rest
        do {
            try ConnectionText.check(uri)
        } catch {
            let encoded = "write a password's / ? # @ : % percent-encoded, as %2F %3F %23 %40 %3A %25"
            switch error {
            case .unreadable:
                throw Refusal("is no connection URI that PostgreSQL's client library can read", fix: "\(form), and \(encoded)")
            case .noPort: throw Refusal("has a port that is no number from 1 to 65535", fix: "\(form), and \(encoded)")
            case .unknownParameter(let parameter):
                throw Refusal(
                    "has the parameter \(parameter), which PostgreSQL's client library does not know",
                    fix: otherClientsParameters[parameter.lowercased()]
                        ?? "take it out; see https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS")
            }
        }
        return uri
    }

    /// Several connection URIs. What one server says of itself is taken for all of a URI, so each names one.
    private static func connections(_ text: String, name: String) throws(Refusal) -> [String] {
        var connections: [String] = []
        for part in list(text) {
            guard postgresSchemes.contains(scheme(of: part)) else {
                throw Refusal(
                    "must be URLs that begin with postgres://, separated by commas, each of one server",
                    fix:
                        "write \(name)=postgres://USER:PASSWORD@HOST1/DATABASE,postgres://USER:PASSWORD@HOST2/DATABASE, and a comma in a password as %2C"
                )
            }
            connections.append(try connection(part, name: name))
        }
        return connections
    }

    /// What other clients have in their URIs, and how to say it here.
    private static let otherClientsParameters = [
        "schema": "write options=-csearch_path%3DNAME instead, or take it out: without it the schema is public",
        "connection_limit": "take it out and set DATABASE_POOL_SIZE",
        "pool_timeout": "take it out and set DATABASE_POOL_TIMEOUT",
        "statement_timeout": "take it out and set DATABASE_STATEMENT_TIMEOUT",
        "pgbouncer": "take it out and set DATABASE_PREPARED_STATEMENTS=off",
        "sslaccept": "write sslmode=require or sslmode=verify-full instead",
        "ssl": "write sslmode=require or sslmode=verify-full instead",
    ]
}
