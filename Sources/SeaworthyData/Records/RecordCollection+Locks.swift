import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// What is asked of records by whoever keeps locks on them.
extension RecordCollection {
    /// Throws for what is not the form of the entity's key.
    package func requireKey(_ parts: [String]) throws {
        _ = try key(parts)
    }

    package var notFound: RecordError {
        RecordError(.notFound, "There is no such \(entity.name).")
    }

    /// Throws unless the caller may read a record and change it as it is now, by whichever field.
    ///
    /// - Returns: its key as it stands in a path; the same however it was written.
    package func requireLockable(key parts: [String], as caller: Caller) async throws -> String {
        let access = access(of: caller)
        try require(.update, to: "lock", access)
        try requireRead(access)
        let key = try self.key(parts)
        let own = access.entities[position]
        let rules = own.foreignRules(of: [.update])
        let shape = statements.changeShape(rules: rules)
        let text = cache.text(entity: entity.name, shape) { statements.readForChange(rules: rules) }
        guard let row = try await database.query(Statement(text, shape.parameters + key), into: FirstRow()) else { throw notFound }
        let record = JudgedRecord(row, fieldCount: entity.fields.count, rules: rules)
        guard own.visibleFields(of: record) != nil, !isDeleted(record) else { throw notFound }
        guard !own.admitting(.update, record).isEmpty else { throw refused("lock", access) }
        return entity.path(of: record.values)
    }

    /// Which of some records the caller may read, by one statement.
    ///
    /// - Parameter keys: at most some hundreds.
    /// - Returns: their keys as they stand in paths.
    package func readable(_ keys: [[String]], as caller: Caller) async throws -> [String] {
        let access = access(of: caller)
        try requireRead(access)
        let keys = try keys.map(key)
        guard !keys.isEmpty else { return [] }
        let parts = entity.key.map { FieldPath($0) }
        let asked: Filter =
            parts.count == 1
            ? .isIn(field: parts[0], keys.map { $0[0] })
            : .any(keys.map { key in .all(zip(parts, key).map { .compare(field: $0, .equals, .value($1)) }) })
        // The keys are no filter of the client's: they find the records whether or not the caller sees them.
        let plan = ListPlan(
            ListRequest(projection: Projection(entity: position, fields: []), limit: keys.count), model: access.model,
            rule: Filter.both(rule(for: .exclude), asked), start: .first)
        // Past the cache: there are as many forms as there are numbers of keys.
        let rows = try await database.query(Statement(plan.sql(dialect), plan.shape.parameters), into: ValueRows())
        return rows.map { row in
            var record = [Value](repeating: .null, count: entity.fields.count)
            for (field, column) in zip(entity.key, plan.layout.furtherColumns) { record[field] = row[column] }
            return entity.path(of: record)
        }
    }
}
