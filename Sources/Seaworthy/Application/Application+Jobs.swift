import Logging
import SeaworthyData
import SeaworthyRedis
import SeaworthySchema
import SeaworthyStorage
import ServiceLifecycle

extension Application {
    /// What the one of all servers does that leads, behind what finds out which one that is. They begin last and so end first: another server
    /// takes over while this one still finishes its requests.
    ///
    /// Backups are not among them: their own lock is held against `seaworthy backup`, too.
    func scheduledJobs(_ opened: OpenedDatabase, _ store: RecordStore, _ identities: Identities, _ logger: Logger) -> [any Service] {
        let leadership = LeadershipKeeper(opened, isShared: settings.database.location.isPostgres, logger: logger)
        let clearing = IdentityRetention(identities)
        let answers = IdempotencyRetention(store)
        var jobs = [
            ClearingKeeper(what: "identities", metrics: JobMetrics("identities"), election: leadership.election, logger: logger) {
                try await clearing.run(now: $0)
            },
            ClearingKeeper(what: "answers by key", metrics: JobMetrics("idempotency"), election: leadership.election, logger: logger) {
                try await answers.run(now: $0)
            },
        ]
        let retention = AuditRetention(store)
        if retention.isNeeded {
            jobs.append(
                ClearingKeeper(what: "history", metrics: JobMetrics("history"), election: leadership.election, logger: logger) {
                    try await retention.run(now: $0)
                })
        }
        return [leadership] + jobs
    }

    /// Who keeps the locks on records: Redis, where there is one, for all servers; else each server its own.
    func lockStore(redis: RedisClient?) -> any LockStore {
        redis.map { RedisLocks($0, application: schema.name) } ?? MemoryLocks(now: { WallClock.microseconds() })
    }
}
