import HTTPTypes
import HummingbirdCore
import SeaworthyData
import SeaworthySchema
import SeaworthyStorage

/// `/v1/locks`: who edits which record. Locks refuse no write; entity tags do that.
///
/// Everybody who is known reaches them. What is asked about a record takes the right to read it, and locking it the right to change it as it is.
struct LockRoutes: Sendable {
    /// The most locks that one answer lists.
    static let maximumListed = 200
    static let standardTTL: Duration = .seconds(60)
    static let ttlBounds: ClosedRange<Duration> = .seconds(5) ... .seconds(3600)

    private let locks: any LockStore
    private let store: RecordStore
    private let answers: IdentityAnswers
    /// The time of a request, in microseconds since the epoch.
    private let now: @Sendable () -> Int64

    init(_ locks: any LockStore, store: RecordStore, now: @escaping @Sendable () -> Int64) {
        self.locks = locks
        self.store = store
        self.now = now
        answers = IdentityAnswers(model: store.schema.identity)
    }

    var routes: [Route] {
        let one = "/v1/locks/{id}"
        return [
            Route(.get, "/v1/locks", operation: "getLocks", handler: list),
            Route(.post, "/v1/locks", operation: "acquireLock", handler: acquire),
            Route(.get, one, operation: "getLock", handler: read),
            Route(.put, one, operation: "renewLock", handler: renew),
            Route(.delete, one, operation: "releaseLock", handler: release),
        ]
    }

    // MARK: Asking

    @Sendable private func list(_ exchange: HTTPExchange) async throws -> Response {
        let owner = try owner(exchange)
        _ = try exchange.negotiated([.json])
        let query = try LockQuery(exchange, store)
        let found: [RecordLock]
        if let key = query.key {
            guard let path = try await query.readable([key], as: exchange.caller).first else { throw query.records.notFound }
            found = try await locks.lock(on: LockedRecord(entity: query.records.entity.name, key: path)).map { [$0] } ?? []
        } else {
            let all = try await locks.locks(of: query.records.entity.name, limit: Self.maximumListed)
            let keys = try all.map { lock throws(Problem) in try RecordRoutes.keyParts(lock.record.key[...], of: query.records.entity) }
            let readable = Set(try await query.readable(keys, as: exchange.caller))
            found = all.filter { readable.contains($0.record.key) }
        }
        let view = view(of: query.records, for: owner, exchange)
        return answers.answer(.ok, ["data": .array(found.map { .object(view.json($0)) })])
    }

    @Sendable private func read(_ exchange: HTTPExchange) async throws -> Response {
        let owner = try owner(exchange)
        _ = try exchange.negotiated([.json])
        try answers.refuseParameters(exchange)
        let (lock, records) = try await known(exchange, to: owner)
        return answers.answer(.ok, ["data": .object(view(of: records, for: owner, exchange).json(lock))])
    }

    // MARK: Locking

    @Sendable private func acquire(_ exchange: HTTPExchange) async throws -> Response {
        let owner = try owner(exchange)
        var body = try await answers.members(exchange, ["entity", "id", "ttl"])
        let (name, id) = (body.text("entity", atMost: 256), body.text("id"))
        let ttl = body.lockTTL()
        let records = body.lockable(name, in: store, by: exchange.caller)
        let key = records.map { body.key("id", id, of: $0) } ?? []
        try body.finish()
        guard let records else { throw Problem.notFound() }
        let path = try await records.requireLockable(key: key, as: exchange.caller)
        let view = view(of: records, for: owner, exchange)
        switch try await locks.acquire(LockedRecord(entity: records.entity.name, key: path), for: owner, ttl: ttl) {
        case .acquired(let lock):
            var response = answers.answer(.created, ["data": .object(view.json(lock))])
            response.headers[.location] = "/v1/locks/\(lock.id)"
            return response
        case .extended(let lock): return answers.answer(.ok, ["data": .object(view.json(lock))])
        case .held(let lock): throw Problem.locked(lock, as: .object(view.json(lock)), now: now())
        }
    }

    /// The heartbeat. Whoever may no longer change the record does not go on with its lock.
    @Sendable private func renew(_ exchange: HTTPExchange) async throws -> Response {
        let owner = try owner(exchange)
        var ttl = Self.standardTTL
        if exchange.hasBody {
            var body = try await answers.members(exchange, ["ttl"])
            ttl = body.lockTTL()
            try body.finish()
        } else {
            _ = try exchange.negotiated([.json])
            try answers.refuseParameters(exchange)
        }
        let (lock, records) = try await known(exchange, to: owner)
        guard lock.owner.isSame(as: owner) else { throw Problem.lockNotFound }
        let key = try RecordRoutes.keyParts(lock.record.key[...], of: records.entity)
        _ = try await records.requireLockable(key: key, as: exchange.caller)
        guard let renewed = try await locks.renew(lock, ttl: ttl) else { throw Problem.lockNotFound }
        return answers.answer(.ok, ["data": .object(view(of: records, for: owner, exchange).json(renewed))])
    }

    @Sendable private func release(_ exchange: HTTPExchange) async throws -> Response {
        let owner = try owner(exchange)
        try answers.refuseParameters(exchange)
        let (lock, _) = try await known(exchange, to: owner)
        guard try await locks.release(lock) else { throw Problem.lockNotFound }
        return answers.nothing
    }

    // MARK: Who

    /// As whom the caller has locks.
    ///
    /// - Throws: 401 for nobody.
    private func owner(_ exchange: HTTPExchange) throws(Problem) -> LockOwner {
        let email = exchange.caller.user?.email
        if let key = exchange.apiKey { return LockOwner(.apiKey, id: key.key, email: email) }
        guard let user = exchange.caller.user else {
            throw .unauthenticated("Locks are for those who have signed in, or come with an API key.")
        }
        return LockOwner(.user, id: user.id, email: email)
    }

    /// The lock of the path, for its owner and for administrators: for all others there is none.
    private func known(_ exchange: HTTPExchange, to owner: LockOwner) async throws -> (RecordLock, RecordCollection) {
        let id = try percentDecoded(exchange.parameters["id"] ?? "", parameter: "id")
        guard let lock = try await locks.lock(id: id), lock.owner.isSame(as: owner) || exchange.caller.isAdministrator,
            let records = store.collection(named: lock.record.entity)
        else { throw Problem.lockNotFound }
        return (lock, records)
    }

    private func view(of records: RecordCollection, for owner: LockOwner, _ exchange: HTTPExchange) -> LockView {
        LockView(
            owner: owner, isAdministrator: exchange.caller.isAdministrator,
            seesAddresses: !store.schema.identity.isOpenToStrangers && records.allows(.update, to: exchange.caller))
    }
}
