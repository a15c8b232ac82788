import Logging
import SeaworthyHTTP
import SeaworthySchema
import SeaworthyTelemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// `seaworthy serve`: everything from the environment and the schema file, until a signal ends it.
package struct ServeOperation: Sendable {
    private let schemaPath: String

    package init(schemaPath: String) {
        self.schemaPath = schemaPath
    }

    package func run() async throws {
        // A client that goes away in the middle of an answer must not end the process.
        signal(SIGPIPE, SIG_IGN)
        // Before anything makes a handle, which would record nowhere. Other commands have nobody to tell.
        let metrics = PrometheusMetrics.bootstrapped
        let file = try Operations.schemaFile(schemaPath)
        let settings = try Operations.settings(logDescriptor: STDOUT_FILENO)
        if let problem = settings.web.certificateProblem() { throw OperationFailure("\(SettingsError(problems: [problem]))") }
        // Before there is a thread or an open file: the process may begin once more here.
        let crashes = CrashCapture.reports(isWanted: settings.sentry != nil)
        let logs = Logs(settings.log, secrets: settings.secrets, sentry: settings.sentry, descriptor: STDOUT_FILENO)
        defer { logs.writer.shutdown() }
        let logger = logs.logger("seaworthy")
        if settings.sentry != nil, crashes == nil {
            logger.notice(
                "crashes are not reported",
                metadata: ["reason": "SWIFT_BACKTRACE names no folder for them, or \(CrashCapture.standardFolder) cannot be made"])
        }
        tell(crashes?.collect() ?? [], logs, logger)
        for warning in file.warnings { logger.warning("\(warning)") }
        let traces = TraceKeeper.bootstrapped(settings, schema: file.schema, logger: logger)
        do {
            try await Application(
                settings: settings, schema: file.schema, publicFolder: publicFolder, migrations: MigrationFiles(besideSchema: schemaPath),
                logs: logs, metrics: metrics, traces: traces
            ).run { _ in }
        } catch {
            // What was to be told, and has nobody who sends it where the server has not come to run.
            if let reporter = logs.reporter {
                reporter.close()
                await reporter.run(logger: logs.logger(SentryReporter.label))
            }
            if let error = error as? HTTPServerError { throw OperationFailure(error.description) }
            throw error
        }
    }

    private func tell(_ crashes: [CrashReports.Crash], _ logs: Logs, _ logger: Logger) {
        for crash in crashes {
            logger.warning("the server crashed before", metadata: ["file": "\(crash.file)", "what": "\(crash.fault.type)"])
            logs.reporter?.report(crash.fault)
        }
    }

    /// `public` beside the schema file.
    private var publicFolder: String {
        guard let slash = schemaPath.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "public" }
        return String(schemaPath[...slash]) + "public"
    }
}
