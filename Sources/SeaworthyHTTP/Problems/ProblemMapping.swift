import HTTPTypes
package import Logging
import SeaworthyData
import SeaworthyQuery
import SeaworthySchema
import SeaworthyStorage

/// The one place where errors of the layers below become answers.
package enum ProblemMapping {
    /// - Parameter logger: told of faults that the client only sees as «not now».
    package static func mapping(logger: Logger) -> RequestPipeline.ProblemMapping {
        { error in problem(of: error, logger) }
    }

    private static func problem(of error: any Error, _ logger: Logger) -> Problem? {
        switch error {
        case let error as Problem: error
        case let error as BatchError: problem(of: error.underlying, logger)?.within(operation: error.index)
        case let error as RecordError: problem(error)
        case let error as QueryProblems: problem(error)
        case let error as ImportError: problem(error)
        case let error as IdempotencyError: problem(error)
        case let error as IdentityError: problem(error, logger)
        case let error as StorageError: problem(error, logger)
        case let error as LockError: problem(error, logger)
        default: nil
        }
    }

    /// Every code that a problem or one of its items can have, for the documentation of errors.
    package static let codes: [String] =
        (ProblemCode.all.map(\.rawValue) + mappingCodes.map(\.rawValue) + RecordError.Code.all.map(\.rawValue) + RecordProblem.Code.all
        + IdentityError.Code.all.map(\.rawValue) + ["unknown_role", "unknown_scope", "wrong_code", "wrong_password", "same_password"]
        + PasswordPolicy.codes
        + IdempotencyError.Code.all.map(\.rawValue)
        + LockError.Code.all.map(\.rawValue)
        + ImportError.Code.all.map(\.rawValue) + ValueProblem.Code.all.map(\.rawValue) + FilterProblem.Code.all.map(\.rawValue)
        + QueryProblem.Code.all.map(\.rawValue))
        .reduce(into: []) { codes, code in if !codes.contains(code) { codes.append(code) } }

    private static let mappingCodes: [ProblemCode] = [
        .invalidQuery, .invalidJSON, .duplicateMember, .jsonTooDeep, .conflict, .insufficientStorage,
        .locked, .lockNotFound,
    ]

    /// The most items in `errors`; the detail tells how many problems there are.
    static let maximumItems = 100

    static func problem(_ error: RecordError) -> Problem {
        let code = ProblemCode(error.code.rawValue)
        let items = error.problems.prefix(maximumItems).map {
            ProblemItem(.pointer($0.pointer), code: ProblemCode($0.code), detail: $0.detail)
        }
        switch error.code {
        case .notFound: return Problem(status: .notFound, code: code, detail: error.detail)
        case .unauthenticated:
            return Problem(
                status: .unauthorized, code: code, detail: error.detail, headers: [.wwwAuthenticate: "Bearer realm=\"seaworthy\""])
        case .forbidden: return Problem(status: .forbidden, code: code, detail: error.detail)
        case .invalidKey:
            return Problem.badRequest(
                error.detail, code: code, errors: [ProblemItem(.parameter("key"), code: code, detail: error.detail)])
        case .invalidRecord, .batchTooLarge: return Problem(status: .unprocessableContent, code: code, detail: error.detail, errors: items)
        case .preconditionFailed: return Problem(status: .preconditionFailed, code: code, detail: error.detail)
        case .readOnlyEntity:
            return Problem(status: .methodNotAllowed, code: code, detail: error.detail, headers: [.allow: "GET, HEAD, OPTIONS"])
        default: return Problem(status: .conflict, code: code, detail: error.detail, errors: items)
        }
    }

    static func problem(_ error: QueryProblems) -> Problem {
        let items = error.problems.prefix(maximumItems).map {
            ProblemItem(.parameter($0.parameter), code: ProblemCode($0.code), detail: $0.detail)
        }
        let isOnlyUnsupported = error.problems.allSatisfy { $0.code == ProblemCode.notSupported.rawValue }
        let detail = "The query has \(error.problems.count == 1 ? "a problem" : "\(error.problems.count) problems")."
        return Problem.badRequest(detail, code: isOnlyUnsupported ? .notSupported : .invalidQuery, errors: items)
    }

    /// The first part of a pointer is the line, or of an array of JSON the line on which its element begins.
    static func problem(_ error: ImportError) -> Problem {
        let code = ProblemCode(error.code.rawValue)
        let line = error.line.map { "/\($0)" } ?? ""
        switch error.code {
        case .badRows:
            let items = error.report.badRows.flatMap { row in
                row.problems.map { ProblemItem(.pointer("/\(row.line)\($0.pointer)"), code: ProblemCode($0.code), detail: $0.detail) }
            }
            let more = error.report.badCount >= ImportReport.maximumBadRows ? " There may be more." : ""
            return Problem(
                status: .unprocessableContent, code: code, detail: "\(error.report.badCount) row(s) are bad; nothing was kept.\(more)",
                errors: Array(items.prefix(maximumItems)))
        case .invalidFile:
            return Problem.badRequest(
                "The body cannot be read as rows: \(error).", code: code,
                errors: [ProblemItem(.pointer(line), code: code, detail: error.detail)])
        default: return Problem(status: .methodNotAllowed, code: code, detail: error.detail, headers: [.allow: "GET, HEAD, OPTIONS"])
        }
    }

    static func problem(_ error: IdempotencyError) -> Problem {
        let code = ProblemCode(error.code.rawValue)
        let item = ProblemItem(.header("Idempotency-Key"), code: code, detail: error.detail)
        guard error.code == .inUse else {
            return Problem(status: .unprocessableContent, code: code, detail: error.detail, errors: [item])
        }
        // Most writes are done within the second, and whoever asks again before is told so again.
        return Problem(status: .conflict, code: code, detail: error.detail, errors: [item], headers: [.retryAfter: "1"])
    }

    /// - Parameter logger: nil where nobody has to be told why.
    static func problem(_ error: IdentityError, _ logger: Logger?) -> Problem {
        let code = ProblemCode(error.code.rawValue)
        if let reason = error.reason { logger?.info("refused", metadata: ["code": "\(error.code)", "reason": "\(reason)"]) }
        switch error.code {
        case .invalidToken: return .unauthenticated(error.detail, error: "invalid_token", code: code)
        case .invalidCredentials, .totpRequired, .invalidRefreshToken: return .unauthenticated(error.detail, code: code)
        case .tooManyAttempts:
            return .tooManyRequests(error.detail, code: code, retryAfter: error.retryAfter ?? .seconds(1))
        case .busy, .providerUnavailable:
            var problem = Problem.unavailable(error.detail)
            problem.code = code
            return problem
        case .accountDisabled, .registrationClosed, .providerRefused, .sessionRequired:
            return Problem(status: .forbidden, code: code, detail: error.detail)
        case .notFound: return Problem(status: .notFound, code: code, detail: error.detail)
        case .invalidMailedToken:
            return Problem(
                status: .unprocessableContent, code: code, detail: error.detail,
                errors: [ProblemItem(.pointer(""), code: code, detail: "holds nothing that is good here")])
        case .emailTaken, .totpState, .tooManyKeys, .lastAdministrator: return Problem(status: .conflict, code: code, detail: error.detail)
        default:
            return Problem(
                status: .unprocessableContent, code: code, detail: error.detail,
                errors: error.problems.prefix(maximumItems).map {
                    ProblemItem(.pointer($0.pointer), code: ProblemCode($0.code), detail: $0.detail)
                })
        }
    }

    static func problem(_ error: LockError, _ logger: Logger) -> Problem {
        if error.code == .unavailable { logger.warning("locks not available", metadata: ["reason": "\(error.reason)"]) }
        return .lockRefusal(error)
    }

    static func problem(_ error: StorageError, _ logger: Logger) -> Problem? {
        switch error.code {
        case .uniqueViolation, .foreignKeyViolation:
            return Problem(status: .conflict, code: .conflict, detail: "The change contradicts other records.")
        case .poolTimeout, .queueFull, .busy, .serializationFailure, .disconnected, .statementTimeout, .transactionTimeout, .closed,
            .replaced,
            .readOnly, .cannotOpen:
            logger.warning("database not available", metadata: ["code": "\(error.code)", "reason": "\(error.message)"])
            return Problem.unavailable("The database does not answer now.")
        case .diskFull:
            logger.error("database full", metadata: ["code": "\(error.code)", "reason": "\(error.message)"])
            return Problem(status: .insufficientStorage, code: .insufficientStorage, detail: "There is no space left to store this.")
        default: return nil
        }
    }
}

extension ProblemCode {
    /// 400: ``Problem/errors`` has each parameter that is wrong.
    static let invalidQuery = ProblemCode("invalid_query")
    /// 400: the body is not JSON.
    static let invalidJSON = ProblemCode("invalid_json")
    /// 400: a member stands twice in one object.
    static let duplicateMember = ProblemCode("duplicate_member")
    /// 400: arrays and objects are nested too deep.
    static let jsonTooDeep = ProblemCode("json_too_deep")
    /// 409: the database refused a change that would contradict other records.
    static let conflict = ProblemCode("conflict")
    /// 507.
    static let insufficientStorage = ProblemCode("insufficient_storage")
}

extension JSONError {
    var problemCode: ProblemCode {
        switch reason {
        case .duplicateMember: .duplicateMember
        case .tooDeep: .jsonTooDeep
        default: .invalidJSON
        }
    }
}

extension HTTPResponse.Status {
    /// 507 (RFC 4918 section 11.5).
    fileprivate static let insufficientStorage = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
}
