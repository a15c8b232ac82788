import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension RecordCollection {
    /// The most records that one delete takes along by `cascade`.
    package static let maximumCascade = 10_000

    /// Deletes a record, and does to those that point at it what their references say.
    package func delete(key: [String]) async throws {
        try require(access.delete, to: "delete")
        try requireRead()
        let key = try self.key(key)
        try await database.transaction(.write) { [self] transaction in
            let stored = try await recordForChange(key, in: transaction)
            guard stored.allowsDelete else { throw forbidden(to: "delete") }
            var cascade = DeleteCascade(links: links)
            try await cascade.delete(entity, key: key, in: transaction)
        }
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

    init(links: RecordStore.Links) {
        self.links = links
    }

    /// Collects what goes along, then deletes from the outside in, so that no reference is ever left behind.
    mutating func delete(_ entity: Entity, key: [Value], in transaction: any DatabaseTransaction) async throws {
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
        for target in order { try await release(target, in: transaction) }
        try await remove(order.reversed(), in: transaction)
    }

    /// Deletes the records, those found last first. One that another of them still restricts waits for the next round.
    private func remove(_ targets: [Target], in transaction: any DatabaseTransaction) async throws {
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
    private func release(_ target: Target, in transaction: any DatabaseTransaction) async throws {
        for link in links.inbound(to: target.entity) {
            if link.reference.onDelete == .restrict { try await refuseReferrers(of: target, link, in: transaction) }
            if link.reference.onDelete == .setNull { try await refuseBrokenChecks(target, link, in: transaction) }
            // Also where records go along: in a circle they point at each other, and one of the references can be null, and becomes it, so
            // that one of them can go first.
            if let clear = link.clear { try await transaction.execute(Statement(clear, target.key)) }
        }
    }

    private func refuseReferrers(
        of target: Target, _ link: RecordStore.Links.Inbound, in transaction: any DatabaseTransaction
    ) async throws {
        let statement = Statement(link.referrers, target.key + [.integer(Int64(visited.count + 1))])
        let rows = try await transaction.query(statement, into: ValueRows())
        guard rows.contains(where: { !visited.contains(Target(entity: link.source.name, key: $0)) }) else { return }
        let count = try await transaction.query(Statement(link.referrerCount, target.key), into: FirstRow())
        guard link.isTold else { throw Self.referenced("other records refer to it") }
        let number = if case .integer(let number)? = count?.first { Int(number) } else { rows.count }
        let names = link.reference.fields.map { link.source.fields[$0].name }.joined(separator: ", ")
        throw Self.referenced("\(number) \(link.source.name) record(s) refer to it by \(names)")
    }

    /// Refuses to take a reference away from a record that would then fail a check.
    private func refuseBrokenChecks(
        _ target: Target, _ link: RecordStore.Links.Inbound, in transaction: any DatabaseTransaction
    ) async throws {
        guard !link.affectedChecks.isEmpty else { return }
        for var record in try await transaction.query(Statement(link.referringRecords, target.key), into: ValueRows()) {
            for field in link.clearedFields { record[field] = .null }
            guard let broken = link.affectedChecks.first(where: { $0.filter.evaluate(record) == false }) else { continue }
            throw Self.referenced(
                link.isTold
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
