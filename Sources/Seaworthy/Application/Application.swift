import Logging
import NIOCore
import SeaworthyData
import SeaworthyHTTP
import SeaworthyMaintenance
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage
import SeaworthyTelemetry
import ServiceLifecycle
import UnixSignals

/// The server of one schema on one database: starts, serves until it is asked to stop, drains, closes.
struct Application: Sendable {
    let settings: Settings
    let schema: Schema
    /// Where static files are, if there are any.
    let publicFolder: String
    /// Where migrations are, if there are any.
    var migrations: MigrationFiles?
    let logs: Logs
    /// What operators scrape.
    let metrics: PrometheusMetrics
    /// Nil where no traces are made.
    var traces: TraceKeeper?

    /// Serves until SIGTERM or SIGINT, then finishes what is under way within the grace period.
    ///
    /// - Parameter onRunning: told the address once requests are answered.
    func run(onRunning: @escaping @Sendable (String) -> Void) async throws {
        let logger = logs.logger("seaworthy")
        let log = try ConfiguredBackups.logKeeper(settings, logger: logger)
        let opened: OpenedDatabase
        do {
            opened = try await OpenedDatabase.open(
                settings, schema: schema, migrations: migrations, slowStatements: Self.logging(logger), log: log?.shipper)
        } catch {
            await log?.end()
            throw error
        }
        for change in opened.outcome.changes { logger.info("schema applied", metadata: ["change": "\(change)"]) }
        for leftover in opened.outcome.leftovers { logger.warning("not in the schema", metadata: ["what": "\(leftover)"]) }
        let served = traces == nil ? opened : opened.traced
        if traces != nil { metrics.rememberTraces() }
        try await opened.database.closing { try await serve(served, log, logger, onRunning) }
        logger.info("stopped")
    }

    private func serve(
        _ opened: OpenedDatabase, _ log: LogKeeper?, _ logger: Logger, _ onRunning: @escaping @Sendable (String) -> Void
    ) async throws {
        let health = HealthState()
        let redis = try settings.redis.map { try SharedRedis($0, application: schema.name, logger: logger) }
        let cache = QueryCache(
            opened.schema, version: ApplicationVersion.text,
            store: redis?.cache(maximumBytes: settings.cacheBytes) ?? MemoryCache(maximumBytes: settings.cacheBytes),
            now: { WallClock.microseconds() })
        let store = RecordStore(
            schema: opened.schema, database: opened.database, dialect: opened.dialect, secretKeys: settings.secretKeys.all, cache: cache)
        let mail = MailKeeper(settings.mail, logger: logger)
        try requireMail()
        let providers = try signInProviders(logger)
        // Of the file, since what is stored of a schema knows nothing of limits.
        let limits = RateLimits(schema, store: redis?.rateLimits ?? MemoryRateLimits())
        let limiter = RequestLimiter(limits)
        let identities = Identities.open(settings, opened, providers: providers, limits: limits, send: mail.send)
        try await protectSecurityLog(opened, logger)
        let browser = BrowserSessions(
            secretKeys: settings.secretKeys.all, settings: settings.identity.settings, domain: settings.web.cookieDomain,
            allowed: settings.web.allowedOrigins)
        let loops = EventLoopWatch()
        let healthRoutes = HealthRoutes(
            state: health, probes: try requirements(opened, redis),
            resources: try dependencies(opened, mail, providers, logger) + [loops.probe]
                + ResourceProbes.all(databasePath: settings.database.location.path),
            version: ApplicationVersion.text)
        let pages = operatorPages(healthRoutes)
        let table = try Routes.table(
            store: store, people: (identities, browser), health: healthRoutes, locks: lockStore(redis: redis?.client), limiter: limiter,
            now: { WallClock.microseconds() })
        let hidden = try settings.operators.access.map { try HiddenRoutes(pages.routes, for: $0) }
        let pipeline = RequestPipeline(
            routes: table, hidden: hidden, files: StaticFiles(folder: publicFolder), problemMapping: ProblemMapping.mapping(logger: logger),
            identify: RequestIdentification.by(identities, browser: browser, now: { WallClock.microseconds() }),
            limiter: limiter, requirement: settings.web.requirement, allowed: settings.web.allowedOrigins,
            tracksConsistency: !settings.database.replicaConnections.isEmpty, accessLog: logs.accessLog,
            faultReport: logs.faultReport, metrics: HTTPMetrics(table.routes + pages.routes), tracer: traces?.tracer, logger: logger)
        let host = settings.http.host
        let scheme = settings.web.tls == nil ? "http" : "https"
        let server = HTTPServer(settings: httpSettings, pipeline: pipeline, health: health, logger: logger) { port in
            let address = "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
            logger.info("listening", metadata: ["address": "\(address)", "environment": "\(settings.environment.rawValue)"])
            onRunning(address)
        }
        warnOfUnknownWay(logger)
        var services: [any Service] =
            [loops, mail, AfterRedis(redis: redis, service: server)] + scheduledJobs(opened, store, identities, logger)
        if let schedule = settings.backup.schedule {
            let backups = try ConfiguredBackups.make(settings, logger: logger)
            services.insert(BackupKeeper(backups: backups, schedule: schedule, logger: logger), at: 0)
        }
        if let operators = try operatorServer(pages, logger: logger) { services.insert(operators, at: 0) }
        if let redis { services.insert(redis, at: 0) }
        if let traces { services.insert(traces, at: 0) }
        // The first to begin is the last to end: when nobody writes any more.
        if let log { services.insert(log, at: 0) }
        if let reporter = logs.reporter {
            services.insert(ErrorReports(reporter: reporter, logger: logs.logger(SentryReporter.label)), at: 0)
        }
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(logger))
        // The server closes its own connections by the deadline; this is for a service that hangs all the same.
        // Receivers that hang take their own time, and none of that of what follows, such as the end of SQLite's log.
        let exporters = (traces == nil ? 0 : 1) + (logs.reporter == nil ? 0 : 1)
        configuration.maximumGracefulShutdownDuration =
            settings.http.shutdownGracePeriod + .seconds(5) + ExportLimits().flushTime * exporters
        try await ServiceGroup(configuration: configuration).run()
    }

    private func signInProviders(_ logger: Logger) throws -> [OpenIDSignIn] {
        let declared = schema.identity.providers
        let secrets = settings.identity.clientSecrets
        if !declared.isEmpty, settings.identity.settings.publicURL == nil {
            throw OperationFailure(
                "identity.providers sends people to providers, who send them back to PUBLIC_URL, which is not set. Fix: set it to the server's address as browsers see it"
            )
        }
        if let stray = secrets.keys.sorted().first(where: { name in !declared.contains { $0.name == name } }) {
            throw OperationFailure(
                "OIDC_CLIENT_SECRETS has a secret for «\(stray)», which is no provider of the schema. Fix: take it out, or add the provider under identity.providers"
            )
        }
        return try declared.map { try OpenIDSignIn($0, secret: secrets[$0.name], logger: logger) }
    }

    /// Who registers has to prove an address, so without mail nobody could.
    private func requireMail() throws {
        guard case .none = settings.mail.way, schema.identity.registers, settings.environment.isStrict else { return }
        throw OperationFailure(
            "identity.register is true, and no mail can be sent to prove an address. Fix: set SMTP_URL and MAIL_FROM, or take register out of the schema"
        )
    }

    private static func logging(_ logger: Logger) -> SlowStatementWatch.Observer {
        { statement in
            let milliseconds = statement.duration / .milliseconds(1)
            var metadata: Logger.Metadata = [
                "statement": "\(statement.sql)", "milliseconds": "\(Int(milliseconds))", "rows": "\(statement.rows)",
            ]
            if let error = statement.error { metadata["error"] = "\(error)" }
            if let plan = statement.plan { metadata["plan"] = "\(plan)" }
            logger.warning("slow statement", metadata: metadata)
        }
    }

    private var httpSettings: HTTPSettings {
        var http = HTTPSettings()
        http.host = settings.http.host
        http.port = settings.http.port
        http.tls = settings.web.tls
        http.trustedProxies = settings.web.trustedProxies
        http.shutdownGracePeriod = TimeAmount(settings.http.shutdownGracePeriod)
        return http
    }

    /// Where roles could be told apart, and the application's can change the log all the same, the operator has to know.
    private func protectSecurityLog(_ opened: OpenedDatabase, _ logger: Logger) async throws {
        let mayChange = try await SecurityLogProtection(opened.database, dialect: opened.dialect).apply()
        guard mayChange, settings.database.location.isPostgres, settings.environment.isStrict else { return }
        logger.warning(
            "the database role may change the log of security events",
            metadata: ["reason": "it is a superuser, or was given the right; see docs/security.md"])
    }

    /// Behind a proxy that is not trusted every client has the proxy's address, and all share its limits.
    private func warnOfUnknownWay(_ logger: Logger) {
        let isSecret = settings.identity.settings.publicURL?.hasPrefix("https://") ?? false
        guard isSecret, settings.web.trustedProxies.isEmpty, settings.web.tls == nil else { return }
        logger.warning(
            "clients cannot be told apart",
            metadata: ["reason": "PUBLIC_URL is https and TRUSTED_PROXIES is not set, so the proxy is taken for the client"])
    }

    /// The lifecycle's own steps are of interest only when something is wrong with them.
    private func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
