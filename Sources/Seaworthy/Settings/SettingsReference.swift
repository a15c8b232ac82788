import SeaworthySchema

/// The settings as documents: `.env.example`, and the tables of docs/configuration.md. Tests hold both files to it.
package enum SettingsReference {
    /// The whole of `.env.example`: every setting, commented out, with its default.
    package static func environmentExample(_ definitions: [SettingDefinition] = SettingDefinition.all) -> String {
        var text = """
            # Settings of the server. Copy this file to .env, which is read in development only; elsewhere set the variables
            # themselves. Any X may also be given as X_FILE, the path of a file that holds the value.

            """
        for definition in definitions where definition.isSupported {
            text += "\n# \(definition.purpose)\n# \(values(of: definition.kind)) Default: \(defaultInWords(definition)).\n"
            text += "#\(definition.name)=\(writtenDefault(definition))\n"
        }
        text += "\n# Not supported in this version: setting one of these is an error.\n"
        for definition in definitions where !definition.isSupported {
            text += "\n# \(definition.purpose)\n#\(definition.name)=\n"
        }
        return text
    }

    /// The table of supported settings, a row each, with a line feed at its end.
    package static func supportedTable(_ definitions: [SettingDefinition] = SettingDefinition.all) -> String {
        table(["Variable", "Meaning", "Values", "Default", "Secret"], definitions.filter(\.isSupported)) { definition in
            [
                "`\(definition.name)`", definition.purpose, values(of: definition.kind), defaultInWords(definition),
                definition.isSecret ? "yes" : "no",
            ]
        }
    }

    /// The table of settings that are refused.
    package static func unsupportedTable(_ definitions: [SettingDefinition] = SettingDefinition.all) -> String {
        table(["Variable", "What it will be for"], definitions.filter { !$0.isSupported }) { ["`\($0.name)`", $0.purpose] }
    }

    private static func table(_ head: [String], _ rows: [SettingDefinition], cells: (SettingDefinition) -> [String]) -> String {
        let lines = [head, head.map { _ in "---" }] + rows.map(cells)
        return lines.map { "| \($0.joined(separator: " | ")) |\n" }.joined()
    }

    private static func values(of kind: SettingDefinition.Kind) -> String {
        switch kind {
        case .choice(let words, _): "One of \(words.joined(separator: ", "))."
        case .host: "A host name or an IP address."
        case .integer(let bounds): "A whole number from \(bounds.lowerBound) to \(bounds.upperBound)."
        case .duration(let bounds):
            "A duration from \(DurationText.render(bounds.lowerBound)) to \(DurationText.render(bounds.upperBound))."
        case .size(let bounds):
            "A size from \(ByteSizeText.render(bounds.lowerBound)) to \(ByteSizeText.render(bounds.upperBound))."
        case .databaseURL: "A database URL."
        case .postgresURL: "A URL that begins with postgres://."
        case .postgresURLs: "URLs that begin with postgres://, separated by commas."
        case .secretKeys: "Keys of at least \(SecretKeys.minimumBytes) bytes, separated by commas."
        case .bearerToken: "At least \(SecretKeys.minimumBytes) letters, digits and - . _ ~ + /, with = at the end."
        case .file, .folder: "A path."
        case .bucketURL: "s3://BUCKET/PREFIX, then ?region=…&endpoint=…&style=path or virtual."
        case .schedule: "Five fields as cron has them, or @hourly, @daily, @weekly, @monthly."
        case .retention: "A number of days, or three separated by commas."
        case .signingKeys: "Private keys in PEM, PKCS#8."
        case .redisURL:
            "redis://USER:PASSWORD@HOST:PORT/DATABASE or rediss://…, several HOST:PORT separated by commas, then ?sentinel=NAME&sentinelPassword=…"
        case .smtpURL: "smtp://USER:PASSWORD@HOST:PORT or smtps://…, then ?tls=required, opportunistic or off, and &ca=FILE."
        case .mailSender: "An address, or NAME <ADDRESS>."
        case .addressRanges: "IP addresses and ranges such as 10.0.0.0/8, separated by commas."
        case .origins:
            "Origins such as https://app.example.com or https://*.example.com, or *, each also behind data=, auth= or docs=, separated by commas."
        case .domain: "A domain such as example.com."
        case .publicURL: "A URL of https or http."
        case .endpoint: "http://HOST:PORT or https://HOST:PORT."
        case .anyText, .text: "Text."
        }
    }

    private static func defaultInWords(_ definition: SettingDefinition) -> String {
        switch definition.defaultValue {
        case .none: "none"
        case .value(let text): text
        case .computed(let words, _), .dependent(let words): words
        }
    }

    private static func writtenDefault(_ definition: SettingDefinition) -> String {
        if case .value(let text) = definition.defaultValue { text } else { "" }
    }
}
