package import NIOCore
import SeaworthyQuery
import SeaworthySQL
package import SeaworthySchema
import SeaworthyStorage

extension RecordCollection {
    /// Changes a record by a JSON Merge Patch (RFC 7396) and gives it back whole.
    ///
    /// - Parameter now: the time of the request, in microseconds since the epoch.
    package func update(key: [String], _ json: JSONValue, as caller: Caller = .anonymous, now: Int64 = 0) async throws -> ByteBuffer {
        let access = access(of: caller)
        try require(.update, to: "update", access)
        try requireRead(access)
        let key = try self.key(key)
        return try await database.transaction(.write) { [self] transaction in
            let context = WriteContext(access: access, now: now, transaction: transaction)
            return answer(try await update(key, json, context), access)
        }
    }

    /// Changes a record within a transaction.
    func update(_ key: [Value], _ json: JSONValue, _ context: WriteContext) async throws -> JudgedRecord {
        guard case .object(let patch) = json else { throw notAnObject(json) }
        let access = context.access.entities[position]
        let stored = try await recordForChange(key, [.update], context)
        let admitted = access.admitting(.update, stored)
        guard !admitted.isEmpty else { throw refused("update", context.access) }
        var input = RecordInput(entity, access: access, writing: .update, inverses: links.inverses(of: entity.name))
        let (record, fields) = input.patched(stored.values, by: patch)
        guard input.problems.isEmpty else { throw invalid(input.problems) }
        // The rule holds on the record after the change too: nobody can hand a record over to where they could not have changed it.
        let changed = try await judged(record, [.update], context)
        try admit(changed, .update, "update", input.given, context, among: admitted)
        guard !fields.isEmpty else { return stored }
        return try await write(record, fields, key, context)
    }

    /// Stores the fields of a record that was admitted.
    func write(_ record: [Value], _ fields: [Int], _ key: [Value], _ context: WriteContext) async throws -> JudgedRecord {
        let rules = context.access.entities[position].foreignRules(of: [])
        let shape = statements.updateShape(fields, rules: rules)
        let text = cache.text(entity: entity.name, shape) { statements.update(fields: fields, rules: rules) }
        let row: [Value]?
        do {
            row = try await context.transaction.query(
                Statement(text, fields.map { record[$0] } + key + shape.parameters), into: FirstRow())
        } catch let error as StorageError {
            throw try await explained(error, record: record, context)
        }
        guard let row else { throw notFound }
        return JudgedRecord(row, fieldCount: entity.fields.count, rules: rules)
    }

    /// The record with this key, if the caller sees it, with what is needed to judge the operations.
    func recordForChange(_ key: [Value], _ writings: [EntityAccess.Writing], _ context: WriteContext) async throws -> JudgedRecord {
        let access = context.access.entities[position]
        let rules = access.foreignRules(of: writings)
        let shape = statements.changeShape(rules: rules)
        let text = cache.text(entity: entity.name, shape) { statements.readForChange(rules: rules) }
        guard let row = try await context.transaction.query(Statement(text, shape.parameters + key), into: FirstRow()) else {
            throw notFound
        }
        let record = JudgedRecord(row, fieldCount: entity.fields.count, rules: rules)
        guard access.visibleFields(of: record) != nil else { throw notFound }
        return record
    }
}
