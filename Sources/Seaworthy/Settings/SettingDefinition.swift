/// One setting: everything that is known about it, in one place.
///
/// Parsing, the detection of unknown names, `.env.example` and docs/configuration.md all come from ``SettingDefinition/all``.
package struct SettingDefinition: Sendable {
    /// What a value must look like.
    package enum Kind: Sendable {
        /// One of these words.
        case choice([String], ignoringCase: Bool)
        /// A host name or an IP address.
        case host
        /// A whole number within bounds.
        case integer(ClosedRange<Int>)
        /// `500ms`, `30s`, `15m`, `1h`, `7d`, within bounds.
        case duration(ClosedRange<Duration>)
        /// `10MB`, `64KiB`, within bounds in bytes.
        case size(ClosedRange<Int>)
        /// `sqlite:PATH`, `sqlite::memory:` or `postgres://…`.
        case databaseURL
        /// `postgres://…`.
        case postgresURL
        /// Several of them, separated by commas, each of one server.
        case postgresURLs
        /// Keys of at least 32 bytes, separated by commas.
        case secretKeys
        /// What stands behind `Authorization: Bearer`, of at least 32 bytes.
        case bearerToken
        /// The path of a file.
        case file
        /// The path of a folder.
        case folder
        /// `s3://BUCKET/PREFIX`.
        case bucketURL
        /// Five fields as cron has them.
        case schedule
        /// Days, or three numbers of days.
        case retention
        /// Private keys in PEM.
        case signingKeys
        /// `redis://…` or `rediss://…`.
        case redisURL
        /// A server that takes mails.
        case smtpURL
        /// An address, or a name and an address.
        case mailSender
        /// Addresses and ranges of them, separated by commas.
        case addressRanges
        /// Origins of pages, separated by commas.
        case origins
        /// The name of a domain, of two labels at least.
        case domain
        /// The URL of an application.
        case publicURL
        /// A URL without a path.
        case endpoint
        /// Any text.
        case anyText
        /// Not read in this version.
        case text
    }

    package enum Default: Sendable {
        /// Unset means absent.
        case none
        /// As it would be written in the environment.
        case value(String)
        /// Depends on the machine: in words, and as it would be written.
        case computed(String, @Sendable (SettingsMachine) -> String)
        /// Depends on other settings: in words.
        case dependent(String)
    }

    package enum Support: Sendable {
        case supported
        /// Without effect on SQLite, and so refused with it.
        case postgresOnly
        /// Refused when set; says what it will be for.
        case notInThisVersion
    }

    /// The variable's name; `<name>_FILE` names a file with its value.
    package let name: String
    package let kind: Kind
    package let defaultValue: Default
    /// Meaning, in one sentence without line breaks.
    package let purpose: String
    /// Its value is never shown.
    package let isSecret: Bool
    package let support: Support

    init(
        _ name: String, _ kind: Kind, default defaultValue: Default = .none, secret isSecret: Bool = false,
        support: Support = .supported, _ purpose: String
    ) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
        self.isSecret = isSecret
        self.support = support
        self.purpose = purpose
    }

    /// A setting of the contract that this version refuses.
    static func later(_ name: String, secret isSecret: Bool = false, _ purpose: String) -> Self {
        Self(name, .text, secret: isSecret, support: .notInThisVersion, purpose)
    }

    package var isSupported: Bool {
        if case .notInThisVersion = support { false } else { true }
    }

    /// The default as it would be written, or nil.
    func defaultText(on machine: SettingsMachine) -> String? {
        switch defaultValue {
        case .none, .dependent: nil
        case .value(let text): text
        case .computed(_, let compute): compute(machine)
        }
    }
}

/// What defaults depend on.
package struct SettingsMachine: Sendable {
    /// Processor cores the process may use.
    package var processorCount: Int
    /// Whether the log goes to a terminal.
    package var logsToTerminal: Bool
    /// Whether secret keys are made and kept in development when there are none; a command that only looks makes none.
    package var makesKeys: Bool

    package init(processorCount: Int, logsToTerminal: Bool, makesKeys: Bool = true) {
        self.processorCount = processorCount
        self.logsToTerminal = logsToTerminal
        self.makesKeys = makesKeys
    }
}
