import Logging
import SeaworthyData
import SeaworthyPostgres
package import SeaworthyRedis
import SeaworthyStorage
import SeaworthyTelemetry

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// All settings of the server, checked together. See docs/configuration.md for every variable.
public struct Settings: Sendable {
    public let environment: AppEnvironment
    public let http: ListenSettings
    public let database: DatabaseSettings
    /// Whether pending migrations are applied before serving. From `MIGRATE_ON_START`.
    public let migratesOnStart: Bool
    public let log: LogSettings
    package let secretKeys: SecretKeys
    package let identity: IdentityOptions
    package let mail: MailSettings
    package let web: WebSettings
    /// Nil without Redis.
    package let redis: RedisSettings?
    /// Of answers that are kept in memory. From `CACHE_MEMORY_LIMIT`.
    package let cacheBytes: Int
    package let operators: OperatorSettings
    /// Nil where errors are reported nowhere.
    package let sentry: SentrySettings?
    /// Nil where no traces are made.
    package let tracing: TracingSettings?
    package let backup: BackupSettings
    /// What must never be shown: the values of secret settings and their parts.
    package let secrets: [String]
}

extension Settings {
    /// Reads the settings of this process.
    /// - Parameters:
    ///   - logDescriptor: where the log will go; decides the default of `LOG_FORMAT`.
    ///   - makesKeys: see ``SettingsMachine/makesKeys``.
    package static func loadFromProcess(logDescriptor: Int32, makesKeys: Bool = true) throws(SettingsError) -> Settings {
        let process = ProcessInfo.processInfo
        return try load(
            environment: process.environment, workingDirectory: FileManager.default.currentDirectoryPath,
            machine: SettingsMachine(
                processorCount: process.activeProcessorCount, logsToTerminal: isatty(logDescriptor) == 1, makesKeys: makesKeys))
    }

    /// Reads the settings from the given variables and, in development, from `.env` in the working directory, where the
    /// environment wins. In development this makes the secret keys when there are none.
    /// - Parameters:
    ///   - environment: variables by name.
    ///   - workingDirectory: absolute path; where `.env`, `.seaworthy/` and relative paths are looked for.
    ///   - machine: what the defaults depend on.
    /// - Throws: one error with every problem.
    package static func load(
        environment: [String: String], workingDirectory: String,
        machine: SettingsMachine = SettingsMachine(processorCount: ProcessInfo.processInfo.activeProcessorCount, logsToTerminal: false)
    ) throws(SettingsError) -> Settings {
        var reading = SettingsReading(environment: environment, workingDirectory: workingDirectory, machine: machine)
        let appEnvironment = reading.text("APP_ENV").flatMap { AppEnvironment(rawValue: $0) }
        let http = http(&reading)
        var database = database(&reading, appEnvironment)
        let migrates = reading.text("MIGRATE_ON_START")
        let log = log(&reading)
        let keys = secretKeys(&reading, appEnvironment)
        let identity = identity(&reading, appEnvironment, keys)
        let mail = mail(&reading, appEnvironment)
        let web = web(&reading, appEnvironment, publicURL: identity?.settings.publicURL)
        let operators = operators(&reading, appEnvironment, port: http?.port, keys: keys)
        let sentry = sentry(&reading, appEnvironment)
        let tracing = tracing(&reading)
        let redis = redis(&reading)
        let cacheBytes = reading.integer("CACHE_MEMORY_LIMIT")
        let backup = backup(&reading, appEnvironment, database: database, process: environment)
        database?.keepsLog = backup.logInterval != nil
        if let error = reading.error() { throw error }
        guard let appEnvironment, let http, let database, let migrates, let log, let keys, let identity, let mail, let cacheBytes else {
            // Each nil has reported its problem, so this is not reached; were it, the start must still fail.
            throw SettingsError(problems: [
                SettingsProblem(.missing, "APP_ENV", "a setting has neither value nor default", fix: "report this")
            ])
        }
        return Settings(
            environment: appEnvironment, http: http, database: database, migratesOnStart: migrates == "true", log: log, secretKeys: keys,
            identity: identity, mail: mail, web: web, redis: redis, cacheBytes: cacheBytes, operators: operators,
            sentry: sentry, tracing: tracing, backup: backup, secrets: reading.secrets)
    }

    private static func http(_ reading: inout SettingsReading) -> ListenSettings? {
        let host = reading.text("HOST")
        let port = reading.integer("PORT")
        let grace = reading.duration("SHUTDOWN_GRACE_PERIOD")
        guard let host, let port, let grace else { return nil }
        return ListenSettings(host: host, port: port, shutdownGracePeriod: grace)
    }

    private static func database(_ reading: inout SettingsReading, _ environment: AppEnvironment?) -> DatabaseSettings? {
        let location = reading.location("DATABASE_URL")
        let direct = reading.text("DATABASE_DIRECT_URL")
        let size = reading.integer("DATABASE_POOL_SIZE")
        let poolTimeout = reading.duration("DATABASE_POOL_TIMEOUT")
        let connectTimeout = reading.duration("DATABASE_CONNECT_TIMEOUT")
        let statementTimeout = reading.duration("DATABASE_STATEMENT_TIMEOUT")
        let slowStatementTime = reading.duration("DATABASE_SLOW_STATEMENT")
        let preparedStatements = reading.text("DATABASE_PREPARED_STATEMENTS")
        let replicas = reading.texts("DATABASE_REPLICA_URLS")
        if let environment, environment.isStrict, location == .memory {
            reading.report(
                SettingsProblem(
                    .notDurable, "DATABASE_URL",
                    "is SQLite in memory, which loses everything at a restart, and APP_ENV is \(environment.rawValue)",
                    fix: "write DATABASE_URL=sqlite:PATH"))
        }
        guard let location else { return nil }
        if !location.isPostgres { reading.refusePostgresOnly() }
        guard let poolTimeout, let statementTimeout, let slowStatementTime else { return nil }
        let defaults = PostgresSettings("")
        return DatabaseSettings(
            location: location, directConnection: direct,
            poolSize: size ?? (location.isPostgres ? defaults.pool.size : min(8, max(2, reading.machine.processorCount))),
            poolTimeout: poolTimeout, connectTimeout: connectTimeout ?? defaults.connectTimeout, statementTimeout: statementTimeout,
            slowStatementTime: slowStatementTime,
            usesPreparedStatements: preparedStatements.map { $0 == "on" } ?? defaults.usesPreparedStatements,
            replicaConnections: replicas ?? [])
    }

    private static func log(_ reading: inout SettingsReading) -> LogSettings? {
        let level = reading.text("LOG_LEVEL").flatMap { Logger.Level(rawValue: $0) }
        let format = reading.text("LOG_FORMAT").flatMap { LogFormat(rawValue: $0) }
        guard let level, let format else { return nil }
        return LogSettings(level: level, format: format)
    }
}
