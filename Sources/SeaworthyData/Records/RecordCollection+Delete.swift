import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension RecordCollection {
    /// The most records that one delete takes along by `cascade`.
    package static let maximumCascade = 10_000

    /// Deletes a record, and does to those that point at it what their references say.
    ///
    /// - Parameter isPurge: where deleted records stay, whether this one goes for good.
    package func delete(
        key: [String], _ request: WriteRequest, if condition: RecordCondition = .none, isPurge: Bool = false
    ) async throws {
        let access = access(of: request.caller)
        try require(isPurge ? .purge : .delete, to: isPurge ? "purge" : "delete", access)
        try requireRead(access)
        let key = try self.key(key)
        try await write(request) { [self] context in try await delete(key, condition, isPurge: isPurge, context) }
    }

    /// Deletes a record within a transaction.
    func delete(_ key: [Value], _ condition: RecordCondition, isPurge: Bool, _ context: WriteContext) async throws {
        let writing = isPurge ? EntityAccess.Writing.purge : .delete
        let stored = try await recordForChange(key, [writing], context, isDeleted: isPurge ? nil : false)
        guard !context.access.entities[position].admitting(writing, stored).isEmpty else {
            throw refused(isPurge ? "purge" : "delete", context.access)
        }
        try require(condition, stored, context)
        var cascade = DeleteCascade(links: links, audit: audit, context: context)
        try await cascade.delete(entity, key: key, isPurge: isPurge)
    }

    /// Brings a deleted record back. What was deleted along with it stays deleted.
    package func restore(key: [String], _ request: WriteRequest, if condition: RecordCondition = .none) async throws -> StoredRecord {
        let access = access(of: request.caller)
        try require(.restore, to: "restore", access)
        try requireRead(access)
        let key = try self.key(key)
        return try await write(request) { [self] context in
            answer(MadeRecord(record: try await restore(key, condition, context), nested: []), access)
        }
    }

    func restore(_ key: [Value], _ condition: RecordCondition, _ context: WriteContext) async throws -> JudgedRecord {
        let stored = try await recordForChange(key, [.restore], context, isDeleted: nil)
        guard !context.access.entities[position].admitting(.restore, stored).isEmpty else { throw refused("restore", context.access) }
        try require(condition, stored, context)
        guard isDeleted(stored) else { throw RecordError(.notDeleted, "This \(entity.name) is not deleted.") }
        var record = stored.values
        let marks = [Field.Managed.deletedAt, .deletedBy].compactMap(entity.index(of:))
        for mark in marks { record[mark] = .null }
        // It may refer to what was deleted after it.
        try await requireReferences(of: record, among: nil, context)
        return try await store(record, marks, before: stored.values, .restore, context)
    }
}
