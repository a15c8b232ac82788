import SeaworthyQuery
import SeaworthySQL
package import SeaworthySchema
import SeaworthyStorage

extension RecordCollection {
    /// Changes a record by a JSON Merge Patch (RFC 7396), in which `{"$increment":1}` adds to a number, and gives it back whole.
    package func update(
        key: [String], _ json: JSONValue, _ request: WriteRequest, if condition: RecordCondition = .none
    ) async throws -> StoredRecord {
        let access = access(of: request.caller)
        try require(.update, to: "update", access)
        try requireRead(access)
        let key = try self.key(key)
        return try await write(request) { [self] context in
            answer(MadeRecord(record: try await update(key, json, condition, context), nested: []), access)
        }
    }

    /// Changes a record within a transaction.
    func update(_ key: [Value], _ json: JSONValue, _ condition: RecordCondition, _ context: WriteContext) async throws -> JudgedRecord {
        guard case .object(let patch) = json else { throw notAnObject(json) }
        let stored = try await recordForChange(key, [.update], context)
        try require(condition, stored, context)
        return try await change(stored, key, context) { input in input.patched(stored.values, by: patch) }
    }

    /// Puts a record in the place of the one with this key, or makes it (PUT).
    package func put(
        key: [String], _ json: JSONValue, _ request: WriteRequest, if condition: RecordCondition = .none
    ) async throws -> StoredRecord {
        let access = access(of: request.caller)
        try requirePut(access)
        let key = try self.key(key)
        return try await write(request) { [self] context in
            let (made, isNew) = try await put(key, json, condition, context)
            var answer = answer(made, access)
            answer.isNew = isNew
            return answer
        }
    }

    /// Throws unless the caller may make some record, or change one.
    func requirePut(_ access: CallerAccess) throws {
        guard !access.entities[position].allows(.create) else { return try require(.create, to: "create", access) }
        try require(.update, to: "update", access)
        try requireRead(access)
    }

    /// Replaces or makes a record within a transaction.
    func put(
        _ key: [Value], _ json: JSONValue, _ condition: RecordCondition, _ context: WriteContext
    ) async throws -> (MadeRecord, isNew: Bool) {
        let access = context.access.entities[position]
        if let stored = try await stored(key, [.update], context), access.visibleFields(of: stored) != nil {
            guard !isDeleted(stored) else { throw deletedRecordExists }
            guard access.allows(.update) else { throw refused("update", context.access) }
            return (MadeRecord(record: try await replace(stored, key, json, condition, context), nested: []), false)
        }
        guard access.allows(.create) else { throw notFound }
        guard condition.allowsWrite(nil) else { throw preconditionFailed }
        let fixed = Dictionary(uniqueKeysWithValues: zip(entity.key, key))
        return (try await create(json, context, fixed: fixed, mayGiveKey: true), true)
    }

    private func replace(
        _ stored: JudgedRecord, _ key: [Value], _ json: JSONValue, _ condition: RecordCondition, _ context: WriteContext
    ) async throws -> JudgedRecord {
        guard case .object(let object) = json else { throw notAnObject(json) }
        try require(condition, stored, context)
        return try await change(stored, key, context) { input in
            let access = context.access.entities[position]
            return input.replacing(
                stored.values, by: object, seen: access.visibleFields(of: stored) ?? [], admitted: access.admitting(.update, stored),
                now: context.now)
        }
    }

    /// Judges a change before and after it, and stores it.
    private func change(
        _ stored: JudgedRecord, _ key: [Value], _ context: WriteContext,
        _ changed: (inout RecordInput) -> (record: [Value], fields: [Int])
    ) async throws -> JudgedRecord {
        let access = context.access.entities[position]
        let admitted = access.admitting(.update, stored)
        guard !admitted.isEmpty else { throw refused("update", context.access) }
        var input = RecordInput(entity, access: access, writing: .update, relations: context.access.relations[position])
        let (record, named) = changed(&input)
        guard input.problems.isEmpty else { throw invalid(input.problems) }
        // The rule holds on the record after the change too: nobody can hand a record over to where they could not have changed it.
        try admit(try await judged(record, [.update], context), .update, "update", input.given, context, among: admitted)
        let fields = named.filter { record[$0] != stored.values[$0] }
        guard !fields.isEmpty else { return stored }
        try await requireReferences(of: record, among: fields, context)
        let written = try await store(record, fields, before: stored.values, .update, context)
        // Where a rule leads through relations, the change itself may have moved what it finds there: it is asked of what is stored now.
        guard !access.foreignRules(of: [.update]).isEmpty else { return written }
        guard let now = try await self.stored(key, [.update], context) else { throw notFound }
        try admit(now, .update, "update", input.given, context, among: admitted)
        return now
    }

    /// Stores fields of a record, with the marks of a change and its entry in the history.
    func store(
        _ record: [Value], _ fields: [Int], before: [Value], _ action: ChangeAction, _ context: WriteContext
    ) async throws -> JudgedRecord {
        var record = record
        if let at = entity.index(of: .updatedAt) { record[at] = .integer(context.now) }
        if let by = entity.index(of: .updatedBy) { record[by] = context.actor }
        let fields = fields + entity.changeMarks
        let rules = context.access.entities[position].foreignRules(of: [])
        let shape = statements.updateShape(fields, rules: rules)
        let text = cache.text(entity: entity.name, shape) { statements.update(fields: fields, rules: rules) }
        let row: [Value]?
        do {
            row = try await context.transaction.query(
                Statement(text, fields.map { record[$0] } + entity.key.map { before[$0] } + shape.parameters), into: FirstRow())
        } catch let error as StorageError {
            throw try await explained(error, record: record, context)
        }
        guard let row else { throw notFound }
        let stored = JudgedRecord(row, fieldCount: entity.fields.count, rules: rules)
        context.touched?.add(entity, key: entity.key.map { before[$0] })
        try await audit.keep(action, entity, before: before, after: stored.values, context)
        return stored
    }

    // MARK: Stored records

    /// The record with this key, deleted or not, with what is needed to judge the operations; nil when there is none.
    func stored(_ key: [Value], _ writings: [EntityAccess.Writing], _ context: WriteContext) async throws -> JudgedRecord? {
        let rules = context.access.entities[position].foreignRules(of: writings)
        let shape = statements.changeShape(rules: rules)
        let text = cache.text(entity: entity.name, shape) { statements.readForChange(rules: rules) }
        guard let row = try await context.transaction.query(Statement(text, shape.parameters + key), into: FirstRow()) else { return nil }
        return JudgedRecord(row, fieldCount: entity.fields.count, rules: rules)
    }

    /// The record with this key, if it is there for the caller.
    func recordForChange(
        _ key: [Value], _ writings: [EntityAccess.Writing], _ context: WriteContext, isDeleted: Bool? = false
    ) async throws -> JudgedRecord {
        guard let record = try await stored(key, writings, context), context.access.entities[position].visibleFields(of: record) != nil,
            isDeleted.map({ $0 == self.isDeleted(record) }) ?? true
        else { throw notFound }
        return record
    }

    func isDeleted(_ record: JudgedRecord) -> Bool {
        entity.index(of: .deletedAt).map { !record.values[$0].isNull } ?? false
    }

    func require(_ condition: RecordCondition, _ stored: JudgedRecord, _ context: WriteContext) throws {
        guard condition.ifMatch != nil || condition.ifNoneMatch != nil else { return }
        guard condition.allowsWrite(tags(of: stored.values, context.access)) else { throw preconditionFailed }
    }

    var preconditionFailed: RecordError {
        RecordError(
            .preconditionFailed,
            "The \(entity.name) is not the one that If-Match or If-None-Match names: it has changed, or is there already.")
    }
}
