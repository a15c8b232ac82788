/// Where the server runs, `APP_ENV`. It decides how strict the start is.
public enum AppEnvironment: String, Sendable, CaseIterable {
    /// Reads `.env`, makes its own secret keys and keeps them in `.seaworthy/`.
    case development
    /// Reads no `.env`; without `SECRET_KEYS` it makes keys that last as long as the process.
    case test
    /// As strict as production.
    case staging
    /// Refuses to start with missing or weak secrets, or with a database that lives in memory.
    case production

    /// Whether weak secrets and data that will not last are refused.
    public var isStrict: Bool { self == .staging || self == .production }
}
