import Logging
import SeaworthyData
import SeaworthyHTTP
import SeaworthyStorage
import SeaworthyTelemetry
import ServiceLifecycle

/// What is reported of requests that fail, and who sends it while the server runs.
struct ErrorReports: Service {
    let reporter: SentryReporter
    let logger: Logger

    func run() async throws {
        await withGracefulShutdownHandler {
            await reporter.run(logger: logger)
        } onGracefulShutdown: {
            reporter.close()
        }
    }

    /// One kind of fault is one group: by the code of the answer and that of the error; a fault that nobody foresaw also by the route.
    static func fault(_ request: RequestFault) -> SentryFault {
        let route = "\(request.method ?? "-") \(request.routeTemplate ?? "(no route)")"
        let (type, message) = cause(request)
        let code = request.code ?? String(request.status)
        return SentryFault(
            level(request), logger: "seaworthy.http", type: type, message: message,
            fingerprint: ["request", code, type] + (request.status == 500 || request.error == nil ? [route] : []),
            request: SentryFault.Request(
                id: request.requestID, method: request.method ?? "-", route: request.routeTemplate, status: request.status,
                userID: request.userID),
            tags: [("code", code)])
    }

    /// What was answered without an error is what probes say, who have their own alarms; 503 says that it is known, and may pass.
    private static func level(_ request: RequestFault) -> SentryFault.Level {
        request.error == nil ? .info : request.status == 500 ? .error : .warning
    }

    private static func cause(_ request: RequestFault) -> (type: String, message: String) {
        switch request.error {
        case nil: ("status \(request.status)", "answered with \(request.status)")
        case let error as BatchError: cause(of: error.underlying)
        case let error?: cause(of: error)
        }
    }

    private static func cause(of error: any Error) -> (type: String, message: String) {
        switch error {
        case let error as StorageError: ("\(error.code)", error.message)
        case let error as Problem: (error.code.rawValue, error.detail)
        case let error as IdentityError: ("\(error.code)", error.detail)
        default: (String(reflecting: Swift.type(of: error)), "\(error)")
        }
    }
}
