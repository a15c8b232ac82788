/// The settings cannot be used: every problem at once.
public struct SettingsError: Error, Sendable, CustomStringConvertible {
    /// Never empty; in the order in which the settings are documented, then by name.
    public let problems: [SettingsProblem]

    /// The one message for people: a line that counts, then a line a problem. No secret is in it.
    public var description: String {
        let head = problems.count == 1 ? "the settings have a problem:" : "the settings have \(problems.count) problems:"
        return ([head] + problems.map { "  \($0)" }).joined(separator: "\n")
    }
}

/// One thing that is wrong with a setting, and how to put it right.
public struct SettingsProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// Stable names of what can go wrong.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String, CaseIterable {
            case conflictingValues = "conflicting_values"
            case developmentKey = "development_key"
            case environmentFileSyntax = "environment_file_syntax"
            case insecureFile = "insecure_file"
            case invalidValue = "invalid_value"
            case missing
            case notDurable = "not_durable"
            case notSupported = "not_supported"
            case unknownSetting = "unknown_setting"
            case unreadableFile = "unreadable_file"
            case unwritableFile = "unwritable_file"
            case weakSecret = "weak_secret"
        }

        private let value: Value

        /// Both `X` and `X_FILE` are set, or `.env` contradicts the environment.
        public static let conflictingValues = Code(value: .conflictingValues)
        /// A key made for development in staging or production.
        public static let developmentKey = Code(value: .developmentKey)
        /// A line of `.env` that is not an assignment.
        public static let environmentFileSyntax = Code(value: .environmentFileSyntax)
        /// A file with secrets that others may read.
        public static let insecureFile = Code(value: .insecureFile)
        /// Not a value of this setting.
        public static let invalidValue = Code(value: .invalidValue)
        /// Required here, and not set.
        public static let missing = Code(value: .missing)
        /// Data would be lost at the next restart.
        public static let notDurable = Code(value: .notDurable)
        /// Known, but without effect in this version.
        public static let notSupported = Code(value: .notSupported)
        /// Looks like a setting and is none.
        public static let unknownSetting = Code(value: .unknownSetting)
        /// A file that cannot be read.
        public static let unreadableFile = Code(value: .unreadableFile)
        /// A file that cannot be made.
        public static let unwritableFile = Code(value: .unwritableFile)
        /// A secret that is easily guessed.
        public static let weakSecret = Code(value: .weakSecret)

        /// Every code, for the documentation of errors.
        static let all: [Code] = Value.allCases.map { Code(value: $0) }

        /// For instance `not_supported`.
        public var description: String { value.rawValue }
    }

    public let code: Code
    /// The variable's name, or the file's.
    public let subject: String
    /// What is wrong. Never shows a secret.
    public let detail: String
    /// How to put it right.
    public let fix: String

    /// `PORT must be a whole number from 0 to 65535, but is "http"; set PORT to such a number, or unset it [invalid_value]`
    public var description: String { "\(subject) \(detail); \(fix) [\(code)]" }

    init(_ code: Code, _ subject: String, _ detail: String, fix: String) {
        self.code = code
        self.subject = subject
        self.detail = detail
        self.fix = fix
    }
}
