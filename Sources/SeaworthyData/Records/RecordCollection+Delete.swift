import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension RecordCollection {
    /// The most records that one delete takes along by `cascade`.
    package static let maximumCascade = 10_000

    /// Deletes a record, and does to those that point at it what their references say.
    package func delete(key: [String], as caller: Caller = .anonymous, now: Int64 = 0) async throws {
        let access = access(of: caller)
        try require(.delete, to: "delete", access)
        try requireRead(access)
        let key = try self.key(key)
        try await database.transaction(.write) { [self] transaction in
            try await delete(key, WriteContext(access: access, now: now, transaction: transaction))
        }
    }

    /// Deletes a record within a transaction.
    func delete(_ key: [Value], _ context: WriteContext) async throws {
        let stored = try await recordForChange(key, [.delete], context)
        guard !context.access.entities[position].admitting(.delete, stored).isEmpty else { throw refused("delete", context.access) }
        var cascade = DeleteCascade(links: links, context: context)
        try await cascade.delete(entity, key: key)
    }
}

/// Carries out one delete: the records that go with it, those whose reference is taken away, and those that forbid it.
struct DeleteCascade {
    private struct Target: Hashable {
        var entity: String
        var key: [Value]
    }

    private let links: RecordStore.Links
    /// What is being deleted or is deleted already: references in a circle are followed once.
    private var visited: Set<Target> = []

    private let context: WriteContext
    private var transaction: any DatabaseTransaction { context.transaction }

    init(links: RecordStore.Links, context: WriteContext) {
        self.links = links
        self.context = context
    }

    /// Collects what goes along, then deletes from the outside in, so that no reference is ever left behind.
    mutating func delete(_ entity: Entity, key: [Value]) async throws {
        let root = Target(entity: entity.name, key: key)
        var order = [root]
        visited = [root]
        var next = 0
        while next < order.count {
            let target = order[next]
            next += 1
            for link in links.inbound(to: target.entity) where link.reference.onDelete == .cascade {
                // Of so many at least one is new, whichever were found before: those are the record itself and at most the maximum.
                let limit = RecordCollection.maximumCascade + 2
                let statement = Statement(link.referrers, target.key + [.integer(Int64(limit))])
                for key in try await transaction.query(statement, into: ValueRows()) {
                    let referrer = Target(entity: link.source.name, key: key)
                    if visited.insert(referrer).inserted { order.append(referrer) }
                }
                guard order.count - 1 <= RecordCollection.maximumCascade else {
                    throw RecordError(
                        .cascadeTooLarge, "Deleting this would delete more than \(RecordCollection.maximumCascade) records with it.")
                }
            }
        }
        for target in order { try await release(target) }
        try await remove(order.reversed())
    }

    /// Deletes the records, those found last first. One that another of them still restricts waits for the next round.
    private func remove(_ targets: [Target]) async throws {
        var waiting = targets
        while !waiting.isEmpty {
            var refused: [Target] = []
            var lastError: StorageError?
            for target in waiting {
                guard let delete = links.target(target.entity)?.delete else { continue }
                do {
                    try await transaction.execute(Statement(delete, target.key))
                } catch let error as StorageError where error.code == .foreignKeyViolation {
                    refused.append(target)
                    lastError = error
                }
            }
            if let lastError, refused.count == waiting.count { throw lastError }
            waiting = refused
        }
    }

    /// Takes references to the record away where they say so, and refuses where they restrict.
    private func release(_ target: Target) async throws {
        for link in links.inbound(to: target.entity) {
            if link.reference.onDelete == .restrict { try await refuseReferrers(of: target, link) }
            if link.reference.onDelete == .setNull { try await refuseBrokenChecks(target, link) }
            // Also where records go along: in a circle they point at each other, and one of the references can be null, and becomes it, so
            // that one of them can go first.
            if let clear = link.clear { try await transaction.execute(Statement(clear, target.key)) }
        }
    }

    /// Whether the caller may know of the source and of the fields that refer.
    private func isTold(_ link: RecordStore.Links.Inbound) -> Bool {
        let access = context.access.entities[link.position].read
        return access.allowsReading && link.reference.fields.allSatisfy(access.isVisible)
    }

    private func refuseReferrers(of target: Target, _ link: RecordStore.Links.Inbound) async throws {
        let statement = Statement(link.referrers, target.key + [.integer(Int64(visited.count + 1))])
        let rows = try await transaction.query(statement, into: ValueRows())
        guard rows.contains(where: { !visited.contains(Target(entity: link.source.name, key: $0)) }) else { return }
        let count = try await transaction.query(Statement(link.referrerCount, target.key), into: FirstRow())
        guard isTold(link) else { throw Self.referenced("other records refer to it") }
        let number = if case .integer(let number)? = count?.first { Int(number) } else { rows.count }
        let names = link.reference.fields.map { link.source.fields[$0].name }.joined(separator: ", ")
        throw Self.referenced("\(number) \(link.source.name) record(s) refer to it by \(names)")
    }

    /// Refuses to take a reference away from a record that would then fail a check.
    private func refuseBrokenChecks(_ target: Target, _ link: RecordStore.Links.Inbound) async throws {
        guard !link.affectedChecks.isEmpty else { return }
        for var record in try await transaction.query(Statement(link.referringRecords, target.key), into: ValueRows()) {
            for field in link.clearedFields { record[field] = .null }
            guard let broken = link.affectedChecks.first(where: { $0.filter.evaluate(record) == false }) else { continue }
            throw Self.referenced(
                isTold(link)
                    ? "a \(link.source.name) that refers to it would fail its check «\(broken.name)» without the reference"
                    : "other records refer to it")
        }
    }

    private static func referenced(_ detail: String) -> RecordError {
        RecordError(
            .referenced, "This cannot be deleted: \(detail).",
            problems: [RecordProblem(pointer: "", code: RecordProblem.Code.referenced, detail: detail)])
    }
}
