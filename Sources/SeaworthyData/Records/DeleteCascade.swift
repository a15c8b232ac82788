import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// Carries out one delete: the records that go with it, those whose reference is taken away, and those that forbid it.
///
/// A record of an entity with `softDelete` is marked and stays, with all that goes along and can stay; whoever refers to it and is deleted
/// already does not count. A record that goes for good takes along for good, or is held by, deleted records as well: the database knows them
/// all, and nothing may be left that points at it.
struct DeleteCascade {
    private struct Target: Hashable {
        var entity: String
        var key: [Value]
    }

    private let links: RecordStore.Links
    private let audit: AuditLog
    private let context: WriteContext
    private var transaction: any DatabaseTransaction { context.transaction }
    /// What is being deleted or is deleted already: references in a circle are followed once.
    private var visited: Set<Target> = []
    /// Those of them that are not marked but go for good.
    private var gone: Set<Target> = []
    private var isPurge = false

    init(links: RecordStore.Links, audit: AuditLog, context: WriteContext) {
        self.links = links
        self.audit = audit
        self.context = context
    }

    /// Collects what goes along, then deletes from the outside in, so that no reference is ever left behind.
    mutating func delete(_ entity: Entity, key: [Value], isPurge: Bool) async throws {
        let root = Target(entity: entity.name, key: key)
        var order = [root]
        visited = [root]
        if isPurge || !entity.hasSoftDelete { gone = [root] }
        self.isPurge = isPurge
        var open = [root]
        while let target = open.popLast() {
            for link in links.inbound(to: target.entity) where link.reference.onDelete == .cascade {
                // Of so many at least one is new, whichever were found before: those are the record itself and at most the maximum.
                let limit = RecordCollection.maximumCascade + 2
                let statement = Statement(statements(link, target).referrers, target.key + [.integer(Int64(limit))])
                for key in try await transaction.query(statement, into: ValueRows()) {
                    let referrer = Target(entity: link.source.name, key: key)
                    let isNew = visited.insert(referrer).inserted
                    if isNew { order.append(referrer) }
                    // Whoever refers to a record that goes for good cannot stay either: found so, it is followed once more, since it now
                    // takes along what it would have left.
                    let goes = gone.contains(target) || !link.source.hasSoftDelete
                    let isNewlyGone = goes && gone.insert(referrer).inserted
                    if isNew || isNewlyGone { open.append(referrer) }
                }
                guard order.count - 1 <= RecordCollection.maximumCascade else {
                    throw RecordError(
                        .cascadeTooLarge, "Deleting this would delete more than \(RecordCollection.maximumCascade) records with it.")
                }
            }
        }
        // As they are before any reference among them is taken away.
        let images = try await images(of: order)
        for target in order { try await release(target) }
        for (target, image) in zip(order, images) where stays(target) { try await mark(target, image) }
        try await remove(zip(order, images).filter { !stays($0.0) }.reversed().map { ($0.0, $0.1) })
    }

    /// Whether a record of the delete is only marked.
    private func stays(_ target: Target) -> Bool {
        !gone.contains(target)
    }

    /// The statements on those who refer to a record: on deleted ones as well when it goes for good.
    private func statements(_ link: RecordStore.Links.Inbound, _ target: Target) -> RecordStore.Links.Inbound.Statements {
        stays(target) ? link.live : link.all
    }

    /// The records as they are, where the history needs them.
    private func images(of targets: [Target]) async throws -> [[Value]?] {
        var images: [[Value]?] = []
        for target in targets {
            guard let link = links.target(target.entity), link.entity.audit != nil else {
                images.append(nil)
                continue
            }
            images.append(try await transaction.query(Statement(link.read, target.key), into: FirstRow()))
        }
        return images
    }

    private func mark(_ target: Target, _ image: [Value]?) async throws {
        guard let link = links.target(target.entity), let statement = link.softDelete else { return }
        let values = link.entity.deletionMarks.map { field -> Value in
            link.entity.fields[field].managed?.type == .timestamp ? .integer(context.now) : context.actor
        }
        let after = try await transaction.query(Statement(statement, values + target.key), into: FirstRow())
        context.touched?.add(link.entity, key: target.key)
        try await audit.keep(.delete, link.entity, before: image, after: after, context)
    }

    /// Removes records, those found last first. One that another of them still restricts waits for the next round.
    private func remove(_ targets: [(Target, [Value]?)]) async throws {
        var waiting = targets
        while !waiting.isEmpty {
            var refused: [(Target, [Value]?)] = []
            for (target, image) in waiting {
                guard let link = links.target(target.entity) else { continue }
                do {
                    try await transaction.execute(Statement(link.delete, target.key))
                    context.touched?.add(link.entity, key: target.key)
                    try await audit.keep(isPurge ? .purge : .delete, link.entity, before: image, after: nil, context)
                } catch let error as StorageError where error.code == .foreignKeyViolation {
                    refused.append((target, image))
                } catch let error as StorageError where error.code == .failed && !refused.isEmpty {
                    // PostgreSQL runs nothing more in a transaction of which it refused a statement.
                    throw Self.referenced(Self.elsewhere)
                }
            }
            if !refused.isEmpty, refused.count == waiting.count { throw Self.referenced(Self.elsewhere) }
            waiting = refused
        }
    }

    /// What the schema knows was looked for before; a database that others made may have more tables.
    private static let elsewhere = "something that is not in the schema refers to it, or to what would be deleted along with it"

    /// Takes references to the record away where they say so, and refuses where they restrict.
    private func release(_ target: Target) async throws {
        for link in links.inbound(to: target.entity) {
            let statements = statements(link, target)
            if link.reference.onDelete == .restrict { try await refuseReferrers(of: target, link, statements) }
            if link.reference.onDelete == .setNull { try await refuseBrokenChecks(target, link, statements) }
            // Also where records go along: in a circle they point at each other, and one of the references can be null, and becomes it, so
            // that one of them can go first. What only is marked goes on pointing.
            if let clear = statements.clear, link.reference.onDelete == .setNull || !stays(target) {
                try await self.clear(clear, target, link, statements)
            }
        }
    }

    private func clear(
        _ clear: SQLText, _ target: Target, _ link: RecordStore.Links.Inbound, _ statements: RecordStore.Links.Inbound.Statements
    ) async throws {
        let source = link.source
        var before: [[Value]] = []
        if source.audit != nil { before = try await transaction.query(Statement(statements.records, target.key), into: ValueRows()) }
        let marks = source.changeMarks.map { source.fields[$0].managed == .updatedAt ? Value.integer(context.now) : context.actor }
        if try await transaction.execute(Statement(clear, marks + target.key)) > 0 { context.touched?.addUnnamed(source) }
        for record in before {
            guard !visited.contains(Target(entity: source.name, key: source.key.map { record[$0] })) else { continue }
            var after = record
            for field in link.clearedFields { after[field] = .null }
            try await audit.keep(.update, source, before: record, after: after, context)
        }
    }

    /// Whether the caller may know of the source and of the fields that refer.
    private func isTold(_ link: RecordStore.Links.Inbound) -> Bool {
        let access = context.access.entities[link.position].read
        // Where some records are not there for the caller, their number would tell of them.
        return access.allowsReading && access.restriction(seeing: link.reference.fields) == nil
            && link.reference.fields.allSatisfy(access.isVisible)
    }

    private func refuseReferrers(
        of target: Target, _ link: RecordStore.Links.Inbound, _ statements: RecordStore.Links.Inbound.Statements
    ) async throws {
        let statement = Statement(statements.referrers, target.key + [.integer(Int64(visited.count + 1))])
        let rows = try await transaction.query(statement, into: ValueRows())
        guard rows.contains(where: { !visited.contains(Target(entity: link.source.name, key: $0)) }) else { return }
        guard isTold(link) else { throw Self.referenced("other records refer to it") }
        let count = try await count(statements.count, target) ?? rows.count
        let names = link.reference.fields.map { link.source.fields[$0].name }.joined(separator: ", ")
        let live = link.source.hasSoftDelete ? try await self.count(link.live.count, target) ?? count : count
        let isOnlyDeleted = live == 0
        throw Self.referenced(
            "\(count) \(isOnlyDeleted ? "deleted " : "")\(link.source.name) record(s) refer to it by \(names)\(isOnlyDeleted ? "; purge them first" : "")"
        )
    }

    private func count(_ sql: SQLText, _ target: Target) async throws -> Int? {
        guard case .integer(let number)? = try await transaction.query(Statement(sql, target.key), into: FirstRow())?.first else {
            return nil
        }
        return Int(number)
    }

    /// Refuses to take a reference away from a record that would then fail a check.
    private func refuseBrokenChecks(
        _ target: Target, _ link: RecordStore.Links.Inbound, _ statements: RecordStore.Links.Inbound.Statements
    ) async throws {
        guard !link.affectedChecks.isEmpty else { return }
        for var record in try await transaction.query(Statement(statements.records, target.key), into: ValueRows()) {
            // What is deleted along meets no check any more.
            guard !visited.contains(Target(entity: link.source.name, key: link.source.key.map { record[$0] })) else { continue }
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
