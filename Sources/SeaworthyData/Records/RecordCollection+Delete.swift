import SeaworthyQuery
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
            var cascade = DeleteCascade(links: store, dialect: dialect)
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
    private let dialect: any Dialect
    /// What is being deleted or is deleted already: references in a circle are followed once.
    private var visited: Set<Target> = []

    init(links: RecordStore.Links, dialect: any Dialect) {
        self.links = links
        self.dialect = dialect
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
                let statement = Statement(link.statements.referrers(by: link.reference, limit: limit), target.key)
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
        // One statement an entity, so that the driver prepares it once.
        var texts: [String: SQLText] = [:]
        while !waiting.isEmpty {
            var refused: [Target] = []
            var lastError: StorageError?
            for target in waiting {
                guard let entity = links.entity(target.entity) else { continue }
                let text = texts[entity.name] ?? RecordStatements(entity, dialect: dialect).delete()
                texts[entity.name] = text
                do {
                    try await transaction.execute(Statement(text, target.key))
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
            switch link.reference.onDelete {
            case .setNull: try await transaction.execute(Statement(link.statements.clearReferences(by: link.reference), target.key))
            case .restrict:
                try await refuseReferrers(of: target, link, in: transaction)
                try await untie(target, link, in: transaction)
            case .cascade: try await untie(target, link, in: transaction)
            }
        }
    }

    /// Takes the reference away from records that go along. Records in a circle point at each other; one of the references can be null,
    /// and is, so that one of them can go first.
    private func untie(_ target: Target, _ link: RecordStore.Links.Inbound, in transaction: any DatabaseTransaction) async throws {
        let canBeNull = link.reference.fields.contains { !link.source.fields[$0].isRequired && !link.source.key.contains($0) }
        guard canBeNull else { return }
        try await transaction.execute(Statement(link.statements.clearReferences(by: link.reference), target.key))
    }

    private func refuseReferrers(
        of target: Target, _ link: RecordStore.Links.Inbound, in transaction: any DatabaseTransaction
    ) async throws {
        let statement = Statement(link.statements.referrers(by: link.reference, limit: visited.count + 1), target.key)
        let rows = try await transaction.query(statement, into: ValueRows())
        guard rows.contains(where: { !visited.contains(Target(entity: link.source.name, key: $0)) }) else { return }
        let count = try await transaction.query(
            Statement(link.statements.referrerCount(by: link.reference), target.key), into: FirstRow())
        let number = if case .integer(let number)? = count?.first { Int(number) } else { rows.count }
        let names = link.reference.fields.map { link.source.fields[$0].name }.joined(separator: ", ")
        throw RecordError(
            .referenced, "\(number) \(link.source.name) record(s) refer to this \(target.entity) by \(names).",
            problems: [
                RecordProblem(
                    pointer: "", code: RecordProblem.Code.referenced,
                    detail: "\(number) \(link.source.name) record(s) refer to it by \(names)")
            ])
    }
}
