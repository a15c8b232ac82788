import Configuration
import Foundation

/// One reading of all settings: looks values up through swift-configuration, turns them into their types, and collects every
/// problem instead of stopping at the first.
struct SettingsReading {
    let machine: SettingsMachine
    let workingDirectory: String
    private(set) var problems: [SettingsProblem] = []
    private let reader: ConfigReader
    private let failed: Set<String>
    private let given: Set<String>
    private let lines: [String: Int]

    /// Reads the environment, in development also `.env`, and reports names and settings that cannot be.
    init(environment: [String: String], workingDirectory: String, machine: SettingsMachine) {
        self.machine = machine
        self.workingDirectory = workingDirectory
        let outer = SettingsLayer(variables: environment, workingDirectory: workingDirectory) { _ in "" }
        var layers = [outer]
        problems = outer.problems

        // Only the real environment decides whether there is a `.env` to read.
        var lines: [String: Int] = [:]
        let isDevelopment = outer.values["APP_ENV"] ?? Self.defaults(on: machine)["APP_ENV"] == AppEnvironment.development.rawValue
        if isDevelopment, !outer.failed.contains("APP_ENV"), let file = Self.environmentFile(in: workingDirectory, &problems) {
            lines = file.entries.mapValues(\.line)
            var inner = SettingsLayer(variables: file.entries.mapValues(\.value), workingDirectory: workingDirectory) { name in
                file.entries[name].map { " (.env line \($0.line))" } ?? ""
            }
            problems += file.problems + inner.problems
            if let value = inner.values["APP_ENV"], value != AppEnvironment.development.rawValue {
                problems.append(
                    SettingsProblem(
                        .conflictingValues, "APP_ENV", "is \"\(value)\" in .env, which is read in development only",
                        fix: "take it out of .env and set it in the environment"))
            }
            inner.discard("APP_ENV")
            layers.append(inner)
        }

        self.lines = lines
        failed = layers.reduce(into: []) { $0.formUnion($1.failed) }
        given = layers.reduce(into: []) { $0.formUnion($1.values.keys) }
        let secrets = Set(SettingDefinition.all.filter(\.isSecret).map(\.name))
        var providers: [any ConfigProvider] = layers.map {
            EnvironmentVariablesProvider(environmentVariables: $0.values, secretsSpecifier: .specific(secrets))
        }
        providers.append(
            InMemoryProvider(
                name: "defaults",
                values: Dictionary(
                    uniqueKeysWithValues: Self.defaults(on: machine).map {
                        (AbsoluteConfigKey([$0.key]), ConfigValue(stringLiteral: $0.value))
                    })))
        reader = ConfigReader(providers: providers)
        refuseUnsupported()
    }

    /// The value of a supported setting, or its default; nil when it has neither, or a problem.
    mutating func value(_ name: String) -> SettingValue? {
        guard let definition = SettingNames.definition(of: name), let text = text(of: definition) else { return nil }
        do {
            return try SettingValue.parse(text, as: definition, workingDirectory: workingDirectory)
        } catch {
            let shown = definition.isSecret ? "" : ", but is \"\(Self.shown(text))\""
            problems.append(SettingsProblem(error.code, name, error.detail + shown + origin(of: name), fix: error.fix))
            return nil
        }
    }

    mutating func text(_ name: String) -> String? {
        if case .text(let text) = value(name) { text } else { nil }
    }

    mutating func texts(_ name: String) -> [String]? {
        if case .texts(let texts) = value(name) { texts } else { nil }
    }

    mutating func integer(_ name: String) -> Int? {
        if case .integer(let number) = value(name) { number } else { nil }
    }

    mutating func duration(_ name: String) -> Duration? {
        if case .duration(let duration) = value(name) { duration } else { nil }
    }

    mutating func location(_ name: String) -> DatabaseSettings.Location? {
        if case .location(let location) = value(name) { location } else { nil }
    }

    /// Refuses what has no effect on SQLite.
    mutating func refusePostgresOnly() {
        for definition in SettingDefinition.all where definition.support == .postgresOnly && given.contains(definition.name) {
            problems.append(
                SettingsProblem(
                    .conflictingValues, definition.name,
                    "is for PostgreSQL, and DATABASE_URL names SQLite" + origin(of: definition.name),
                    fix: "unset it, or set DATABASE_URL=postgres://…"))
        }
    }

    /// The values of the secret settings that are given, and their parts: each key of several, what stands behind a name, the password of a URL.
    var secrets: [String] {
        SettingDefinition.all.filter(\.isSecret).compactMap(text).flatMap { value -> [String] in
            let parts = value.split(whereSeparator: { $0 == "," || $0.isNewline }).map(String.init)
            // What stands behind the first `=` of a URL is an option, such as `require`, and no secret.
            let named = parts.filter { !$0.contains("://") }
                .compactMap { part in part.firstIndex(of: "=").map { String(part[part.index(after: $0)...]) } }
            let passwords = parts.compactMap(Self.password) + parts.flatMap(Self.passwordsInQuery)
            // As it is written and as it is sent.
            return [value] + parts + named + passwords + (passwords + named).compactMap(\.removingPercentEncoding)
        }
    }

    /// Of `scheme://user:password@…`, as it is written.
    private static func password(inURL text: String) -> String? {
        guard let start = text.firstRange(of: "://")?.upperBound, let at = text[start...].lastIndex(of: "@"),
            let colon = text[start..<at].firstIndex(of: ":")
        else { return nil }
        return String(text[text.index(after: colon)..<at])
    }

    /// Of `scheme://…?sentinelPassword=…`, as they are written.
    private static func passwordsInQuery(ofURL text: String) -> [String] {
        guard text.contains("://"), let mark = text.firstIndex(of: "?") else { return [] }
        return text[mark...].dropFirst().split(separator: "&").compactMap { item in
            let pair = item.split(separator: "=", maxSplits: 1)
            return pair.count == 2 && pair[0].hasSuffix("assword") ? String(pair[1]) : nil
        }
    }

    /// Whether the setting has a problem already, so that it must not be called missing.
    func hasFailed(_ name: String) -> Bool { failed.contains(name) }

    /// Whether the setting was given at all, rightly or wrongly.
    func isGiven(_ name: String) -> Bool { given.contains(name) || failed.contains(name) }

    mutating func report(_ problem: SettingsProblem) {
        problems.append(problem)
    }

    /// The error with all problems, `.env` first, then in the order of the documentation, then by name; nil when there is none.
    func error() -> SettingsError? {
        guard !problems.isEmpty else { return nil }
        let ranks = Dictionary(uniqueKeysWithValues: SettingDefinition.all.enumerated().map { ($1.name, $0) })
        let keyed = problems.enumerated().map { index, problem in
            let isFile = problem.subject.hasPrefix(".env")
            let rank = isFile ? -1 : ranks[problem.subject] ?? ranks[SettingNames.withoutFileSuffix(problem.subject)] ?? .max
            return (rank: rank, name: isFile ? "" : problem.subject, index: index, problem: problem)
        }
        return SettingsError(problems: keyed.sorted { ($0.rank, $0.name, $0.index) < ($1.rank, $1.name, $1.index) }.map(\.problem))
    }

    private func text(of definition: SettingDefinition) -> String? {
        guard !failed.contains(definition.name) else { return nil }
        return reader.string(forKey: ConfigKey([definition.name]), isSecret: definition.isSecret)
    }

    private mutating func refuseUnsupported() {
        for definition in SettingDefinition.all where !definition.isSupported && given.contains(definition.name) {
            problems.append(
                SettingsProblem(
                    .notSupported, definition.name, "is not supported in this version" + origin(of: definition.name),
                    fix: "unset it"))
        }
    }

    private func origin(of name: String) -> String {
        (lines[name] ?? lines[name + SettingNames.fileSuffix]).map { " (.env line \($0))" } ?? ""
    }

    /// At most 100 characters, and nothing that could steer a terminal.
    private static func shown(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(100).map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }
        return String(String.UnicodeScalarView(scalars)) + (text.unicodeScalars.count > 100 ? "…" : "")
    }

    private static func defaults(on machine: SettingsMachine) -> [String: String] {
        SettingDefinition.all.reduce(into: [:]) { $0[$1.name] = $1.defaultText(on: machine) }
    }

    private static func environmentFile(in folder: String, _ problems: inout [SettingsProblem]) -> EnvironmentFile? {
        do {
            return EnvironmentFile(parsing: try SettingFile.read(SettingFile.path(".env", in: folder)).text)
        } catch {
            if !error.isMissing {
                problems.append(
                    SettingsProblem(.unreadableFile, ".env", "cannot be read: \(error.reason)", fix: "make it readable, or delete it"))
            }
            return nil
        }
    }
}
