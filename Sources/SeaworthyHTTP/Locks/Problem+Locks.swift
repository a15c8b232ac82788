import HTTPTypes
import SeaworthySchema
import SeaworthyStorage

extension Problem {
    /// 409 with the lock, and in `Retry-After` when it ends unless it is renewed.
    static func locked(_ lock: RecordLock, as json: JSONValue, now: Int64) -> Problem {
        // The clocks of two machines may differ; nobody has to wait longer than a lock can last for that.
        let wait = min(max(.microseconds(lock.expiresAt - now), .seconds(1)), LockRoutes.ttlBounds.upperBound)
        var problem = Problem(
            status: .conflict, code: .locked, detail: "Somebody else edits this \(lock.record.entity).",
            headers: [.retryAfter: wholeSeconds(wait)])
        problem.lock = json
        return problem
    }

    static let lockNotFound = Problem(
        status: .notFound, code: .lockNotFound, detail: "There is no such lock of yours, or not any more.")

    /// What whoever keeps the locks said.
    static func lockRefusal(_ error: LockError) -> Problem {
        switch error.code {
        case .tooMany:
            return Problem(
                status: .conflict, code: ProblemCode(error.code.rawValue),
                detail: "You have \(LockBounds.maximumPerOwner) records locked, and nobody may have more.")
        default:
            var problem = Problem.unavailable("Nobody can say now who edits what.", retryAfter: .seconds(5))
            problem.code = ProblemCode(error.code.rawValue)
            return problem
        }
    }
}

extension ProblemCode {
    /// 409: somebody else has the lock on this record.
    static let locked = ProblemCode("locked")
    /// 404.
    static let lockNotFound = ProblemCode("lock_not_found")
}
