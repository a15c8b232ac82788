import NIOCore
import SeaworthyQuery
import SeaworthySQL
package import SeaworthySchema
import SeaworthyStorage

/// The records of one entity, as callers reach them: every operation checks access, validates, runs and answers with bytes.
package final class RecordCollection: Sendable {
    package let entity: Entity
    /// The entity's position in the schema.
    let position: Int
    let schema: Schema
    let database: any Database
    let dialect: any Dialect
    let cursors: CursorCipher
    let cache: StatementCache
    let statements: RecordStatements
    let keySequence: KeySequence?
    /// The references between all entities, for what a write has to ask of the others.
    let links: RecordStore.Links
    let valueEncoder: ValueEncoder
    let tags: RecordTags
    let audit: AuditLog
    let family: RecordFamily
    private let queryCache: QueryCache?
    private let callers: CallerAccessCache

    init(
        _ position: Int, of schema: Schema, database: any Database, dialect: any Dialect, cursors: CursorCipher, cache: StatementCache,
        links: RecordStore.Links, callers: CallerAccessCache, tags: RecordTags, audit: AuditLog, family: RecordFamily,
        queryCache: QueryCache?
    ) {
        entity = schema.entities[position]
        self.position = position
        self.schema = schema
        self.database = database
        self.dialect = dialect
        self.cursors = cursors
        self.cache = cache
        self.links = links
        self.callers = callers
        self.tags = tags
        self.family = family
        self.queryCache = queryCache
        self.audit = audit
        statements = RecordStatements(position, in: schema.entities, dialect: dialect)
        keySequence = statements.keySequence
        valueEncoder = ValueEncoder(entity)
    }

    /// Whoever may do everything, without being known further.
    var administrator: CallerAccess { callers.administrator }

    func access(of caller: Caller) -> CallerAccess { callers.access(of: caller) }

    /// Whether some role sees the field.
    package func isOffered(field: Int) -> Bool {
        entity.access.roles.contains { !$0.hidden.contains(field) }
    }

    /// What can be done with records.
    package enum Operation: Sendable, CaseIterable {
        case read, create, update, delete, restore, purge, history

        var writing: EntityAccess.Writing? {
            switch self {
            case .read: nil
            case .create: .create
            case .update: .update
            case .delete: .delete
            case .restore: .restore
            case .purge: .purge
            case .history: .history
            }
        }
    }

    /// Whether a caller may do this to some record. Changing one takes the right to read it as well.
    package func allows(_ operation: Operation, to caller: Caller = .anonymous) -> Bool {
        let access = access(of: caller).entities[position]
        guard let writing = operation.writing else { return access.read.allowsReading }
        guard !entity.isReadOnly, access.allows(writing) else { return false }
        return operation == .create || access.read.allowsReading
    }

    /// Whether some role may do this to some record.
    package func isOffered(_ operation: Operation) -> Bool {
        guard operation == .read || !entity.isReadOnly else { return false }
        return entity.access.roles.contains { $0.rule(operation) != .never }
    }

    // MARK: Reading

    /// One record as `{"data":{…}}`.
    ///
    /// - Parameter items: the query's parameters, decoded.
    package func read(
        key: [String], query items: [(name: String, value: String)], as caller: Caller = .anonymous
    ) async throws -> StoredRecord {
        let access = access(of: caller)
        try requireRead(access)
        let (projection, deleted) = try ListRequestParser.parseRecord(items, at: position, model: access.model)
        try require(deleted, access)
        let request = RecordRequest(key: try self.key(key), projection: projection, deleted: deleted)
        guard let queryCache, let policy = entity.cache else { return try await record(request, items, access) }
        var footprint = CacheFootprint(access.model)
        footprint.add(projection)
        let name = queryCache.keys.key("read", position, access.cacheIdentity(of: footprint.entities), key: key, items)
        let kept = try await queryCache.answer(name, policy, tags(ofReading: request, footprint)) { [self] in
            let record = try await record(request, items, access)
            return CachedAnswer(body: record.body, tags: record.tags)
        }
        return StoredRecord(body: kept.answer.body, tags: kept.answer.tags, cache: kept.report)
    }

    private struct RecordRequest: Sendable {
        let key: [Value]
        let projection: Projection
        let deleted: ListRequest.Deleted
    }

    /// On what one record's answer depends: on the record alone, where nothing leads to others.
    private func tags(ofReading request: RecordRequest, _ footprint: CacheFootprint) -> [CacheTag] {
        guard footprint.entities == [position], !footprint.hasView else { return footprint.tags }
        return [.unnamed(entity.name), .record(entity.name, digest: CacheKeys.digest(of: request.key))]
    }

    private func record(
        _ request: RecordRequest, _ items: [(name: String, value: String)], _ access: CallerAccess
    ) async throws -> StoredRecord {
        let (key, projection, deleted) = (request.key, request.projection, request.deleted)
        // The key is no filter of the client's: it finds the record whether or not the caller sees it.
        let rule = Filter.both(rule(for: deleted), condition(of: key))
        // A tag is of the whole record, not of a part of it, nor of it with others.
        let isWhole = !items.contains { $0.name == "select" || $0.name == "include" }
        let whole = isWhole ? access.whole(position) : nil
        let plan = ListPlan(
            ListRequest(projection: projection, limit: 1), model: access.model, rule: rule, start: .first, layout: whole?.layout)
        let reader = RecordReader(
            whole?.encoder ?? RecordEncoder(plan.layout, schema.entities), lists: plan.layout.children.count,
            valueColumns: isWhole ? plan.layout.furtherColumns : [])
        let statement = cache.statement(entity: entity.name, plan.shape) { plan.sql(dialect) }
        guard projection.hasLists else {
            guard let record = try await database.query(statement, into: reader) else { throw notFound }
            var body = record.written.bytes
            body.write("}")
            return StoredRecord(body: ByteBuffer(bytes: body), tags: isWhole ? tags(of: record.values, access) : [])
        }
        return try await database.transaction(.read) { [self] transaction in
            guard var record = try await transaction.query(statement, into: reader) else { throw notFound }
            var loader = IncludeLoader(schema.entities, dialect: dialect, cache: cache, transaction: transaction)
            try await loader.load(plan.layout, into: &record.written)
            var body = record.written.whole
            if !loader.truncated.isEmpty {
                body.write(",\"meta\":{")
                Self.write(truncated: loader.truncated, into: &body)
                body.write("}")
            }
            body.write("}")
            return StoredRecord(body: ByteBuffer(bytes: body), tags: [])
        }
    }

    /// Whether answers to reads are kept.
    var keepsAnswers: Bool { queryCache != nil && entity.cache != nil }

    /// A page, kept or made.
    func kept(
        _ operation: StaticString, _ items: [(name: String, value: String)], _ access: CallerAccess, _ footprint: CacheFootprint,
        _ make: @escaping @Sendable () async throws -> CachedAnswer
    ) async throws -> RecordPage {
        guard let queryCache, let policy = entity.cache else {
            let answer = try await make()
            return RecordPage(body: answer.body, next: answer.next)
        }
        let key = queryCache.keys.key(operation, position, access.cacheIdentity(of: footprint.entities), items)
        let kept = try await queryCache.answer(key, policy, footprint.tags, make)
        return RecordPage(body: kept.answer.body, next: kept.answer.next, cache: kept.report)
    }

    /// Runs a write, and then has nobody answered by what was kept before it: also where it failed, since that does not tell whether it was
    /// committed.
    func tracking<Result>(_ body: (TouchedRecords?) async throws -> Result) async throws -> Result {
        guard let queryCache else { return try await body(nil) }
        let touched = TouchedRecords()
        do {
            let result = try await body(touched)
            await queryCache.changed(touched)
            return result
        } catch {
            await queryCache.changed(touched)
            throw error
        }
    }

    /// The entity tags of a record as the caller sees it.
    func tags(of record: [Value], _ access: CallerAccess) -> [String] {
        tags.tags(of: record, entity: entity, visible: access.whole(position).visible)
    }

    /// What holds of the records that are asked for, as far as deleted ones are concerned.
    func rule(for deleted: ListRequest.Deleted) -> Filter? {
        switch deleted {
        case .exclude: entity.isLive
        case .include: nil
        case .only: entity.isLive.map(Filter.not)
        }
    }

    /// Deleted records are for those who may delete.
    func require(_ deleted: ListRequest.Deleted, _ access: CallerAccess) throws {
        guard deleted != .exclude, !access.entities[position].allows(.delete) else { return }
        throw refused("see deleted records of", access)
    }

    private func condition(of key: [Value]) -> Filter {
        let conditions = zip(entity.key, key).map { Filter.compare(field: FieldPath($0), .equals, .value($1)) }
        return conditions.count == 1 ? conditions[0] : .all(conditions)
    }

    static func write(truncated: [String], into buffer: inout [UInt8]) {
        buffer.write("\"truncated\":[")
        for (index, path) in truncated.enumerated() {
            if index > 0 { buffer.write(",") }
            buffer.writeQuoted(path)
        }
        buffer.write("]")
    }

    /// The key's values from the parts of the path.
    func key(_ parts: [String]) throws -> [Value] {
        guard parts.count == entity.key.count else {
            let names = entity.keyFields.map(\.name).joined(separator: ",")
            throw RecordError(.invalidKey, "The key of \(entity.name) has \(entity.key.count) part(s): \(names).")
        }
        return try zip(entity.keyFields, parts).map { field, part in
            do throws(ValueProblem) {
                return try field.type.value(fromText: part)
            } catch {
                throw RecordError(.invalidKey, "The key part \(field.name) \(error.detail).")
            }
        }
    }

    // MARK: Access

    /// Throws unless the caller may read some record.
    func requireRead(_ access: CallerAccess) throws {
        guard !access.entities[position].read.allowsReading else { return }
        throw refused("read", access)
    }

    /// Throws unless the caller may do this to some record at all.
    func require(_ writing: EntityAccess.Writing, to action: String, _ access: CallerAccess) throws {
        guard !entity.isReadOnly else { throw RecordError(.readOnlyEntity, "\(entity.name) is a view: it can only be read.") }
        if !access.entities[position].allows(writing) { throw refused(action, access) }
    }

    /// 401 where the caller may not even read and has not signed in, 403 otherwise.
    func refused(_ action: String, _ access: CallerAccess) -> RecordError {
        if access.entities[position].read.allowsReading { return RecordError(.forbidden, "You may not \(action) this \(entity.name).") }
        return access.caller.user == nil
            ? RecordError(.unauthenticated, "To \(action) \(entity.name) needs a role that nobody has without signing in.")
            : RecordError(
                .forbidden,
                "You may not \(action) \(entity.name): none of your roles may\(access.caller.scopes == nil ? "" : ", or your key is not for it")."
            )
    }
}

extension RoleAccess {
    package func rule(_ operation: RecordCollection.Operation) -> Rule {
        operation.writing.map { self[$0] } ?? read
    }
}
