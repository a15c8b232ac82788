import SeaworthyQuery
import SeaworthySQL
package import SeaworthySchema
import SeaworthyStorage
import Synchronization

/// What a write is part of: who asks, when, and in which transaction.
struct WriteContext: Sendable {
    let access: CallerAccess
    /// The time of the request, in microseconds since the epoch.
    let now: Int64
    let requestID: String?
    let transaction: any DatabaseTransaction
    /// Told what is changed; nil where nobody keeps answers.
    var touched: TouchedRecords?
    /// How many records were made within others so far, by the whole request.
    let nested = NestedCount()

    /// Who writes, for the fields and the history that tell it; null for nobody who has signed in.
    var actor: Value { access.caller.user.map { .text($0.id) } ?? .null }
}

/// Counts the records that a request makes within others.
final class NestedCount: Sendable {
    private let count = Atomic(0)

    /// One more; false when that is more than one request may make.
    func add() -> Bool {
        count.add(1, ordering: .relaxed).newValue <= RecordCollection.maximumNested
    }
}

/// A request to write: who makes it, and when.
package struct WriteRequest: Sendable {
    package var caller: Caller
    /// In microseconds since the epoch.
    package var now: Int64
    /// The name of the request in the log, kept with the history.
    package var requestID: String?

    package init(_ caller: Caller = .anonymous, now: Int64, requestID: String? = nil) {
        self.caller = caller
        self.now = now
        self.requestID = requestID
    }
}

extension RecordCollection {
    /// The most records that one request makes along with another.
    package static let maximumNested = 1000
    /// How deep records are made within records.
    static let maximumNesting = 3

    /// Makes a record of a JSON object, and those of its relations to many that stand in it.
    package func create(
        _ json: JSONValue, _ request: WriteRequest, ending: WriteEnding<StoredRecord>? = nil
    ) async throws -> StoredRecord {
        let access = access(of: request.caller)
        try require(.create, to: "create", access)
        return try await write(request) { [self] context in
            let made = answer(try await create(json, context), access)
            try await ending?.run(made, context.transaction)
            return made
        }
    }

    /// Throws unless the caller may make some record.
    package func requireCreating(by caller: Caller) throws {
        try require(.create, to: "create", access(of: caller))
    }

    /// Runs the body in a transaction of its own.
    func write<Result: Sendable>(
        _ request: WriteRequest, _ body: @Sendable (WriteContext) async throws -> Result
    ) async throws -> Result {
        let access = access(of: request.caller)
        return try await tracking { touched in
            try await database.transaction(.write) { transaction in
                try await body(
                    WriteContext(
                        access: access, now: request.now, requestID: request.requestID, transaction: transaction, touched: touched))
            }
        }
    }

    /// A record that was made, and the records made within it.
    struct MadeRecord: Sendable {
        var record: JudgedRecord
        var nested: [(name: String, collection: RecordCollection, records: [MadeRecord])]
    }

    /// Makes a record within a transaction.
    ///
    /// - Parameters:
    ///   - fixed: values that stand elsewhere in the request: the key in its path, the reference to the record around.
    ///   - mayGiveKey: whether a key that the server makes may be given.
    func create(
        _ json: JSONValue, _ context: WriteContext, fixed: [Int: Value] = [:], mayGiveKey: Bool = false, nesting: Int = 0
    ) async throws -> MadeRecord {
        let access = context.access.entities[position]
        guard case .object(let object) = json else { throw notAnObject(json) }
        var input = RecordInput(
            entity, access: access, writing: .create, fixed: fixed, mayGiveKey: mayGiveKey,
            relations: context.access.relations[position])
        var record = input.newRecord(from: object, now: context.now)
        let nested = try nestedRecords(&input, nesting)
        guard input.problems.isEmpty else { throw invalid(input.problems) }
        for field in [Field.Managed.createdBy, .updatedBy].compactMap(entity.index(of:)) { record[field] = context.actor }
        let stored = try await insert(record, given: input.given, context)
        var made = MadeRecord(record: stored, nested: [])
        for (relation, records) in nested {
            let target = family.collections[relation.target]
            let reference = Dictionary(uniqueKeysWithValues: zip(relation.targetFields, relation.fields.map { stored.values[$0] }))
            var list: [MadeRecord] = []
            for (index, json) in records.enumerated() {
                guard context.nested.add() else {
                    throw invalid([
                        RecordProblem(
                            pointer: "/\(relation.name.jsonPointerEscaped)/\(index)", code: RecordProblem.Code.tooManyRecords,
                            detail: "is beyond the \(Self.maximumNested) records that one request makes within others")
                    ])
                }
                do {
                    try target.require(.create, to: "create", context.access)
                    list.append(try await target.create(json, context, fixed: reference, nesting: nesting + 1))
                } catch var error as RecordError {
                    let place = "/\(relation.name.jsonPointerEscaped)/\(index)"
                    for problem in error.problems.indices { error.problems[problem].pointer = place + error.problems[problem].pointer }
                    throw error
                }
            }
            made.nested.append((relation.name, target, list))
        }
        return made
    }

    /// What stands in a new record for its relations to many, checked for its form.
    private func nestedRecords(_ input: inout RecordInput, _ nesting: Int) throws -> [(relation: Relation, records: [JSONValue])] {
        var count = 0
        var problems: [RecordProblem] = []
        var lists: [(relation: Relation, records: [JSONValue])] = []
        for (index, json) in input.nested {
            let relation = entity.relations[index]
            let place = "/" + relation.name.jsonPointerEscaped
            guard case .array(let records) = json else {
                problems.append(
                    RecordProblem(
                        pointer: place, code: RecordProblem.Code.wrongType, detail: "is \(json.kind); expected a list of objects"))
                continue
            }
            count += records.count
            if nesting >= Self.maximumNesting || count > Self.maximumNested {
                problems.append(
                    RecordProblem(
                        pointer: place, code: RecordProblem.Code.tooManyRecords,
                        detail: nesting >= Self.maximumNesting
                            ? "is nested deeper than \(Self.maximumNesting) records"
                            : "has more than \(Self.maximumNested) records"))
            }
            lists.append((relation, records))
        }
        for problem in problems { input.report(problem) }
        return lists
    }

    /// Inserts a record that is complete and valid.
    private func insert(_ record: [Value], given: Set<Int>, _ context: WriteContext) async throws -> JudgedRecord {
        let access = context.access.entities[position]
        // What stays null need not be named, and a key that the database makes must not be.
        let fields = entity.fields.indices.filter { !record[$0].isNull }
        let hasKey = !entity.key.contains { record[$0].isNull }
        // A rule on a key that the database is yet to make is left to the written record; otherwise what the database would say of a
        // record that may not be made is not told.
        if hasKey || !access.grants.contains(where: { dependsOnKey(access.rule($0, .create)) }) {
            let judged = try await judged(record, [.create], context)
            try admit(judged, .create, "create", given, context)
        }
        try await requireReferences(of: record, among: nil, context)
        if let key = entity.generatedKey { try await moveKeys(past: record[key], context) }
        let rules = access.foreignRules(of: [.create])
        let shape = statements.insertShape(fields, rules: rules)
        let text = cache.text(entity: entity.name, shape) { statements.insert(fields: fields, rules: rules) }
        let row: [Value]?
        do {
            row = try await context.transaction.query(Statement(text, fields.map { record[$0] } + shape.parameters), into: FirstRow())
        } catch let error as StorageError {
            throw try await explained(error, record: record, context)
        }
        guard let row else { throw StorageError(.failed, message: "INSERT … RETURNING gave no row for \(entity.table)") }
        let stored = JudgedRecord(row, fieldCount: entity.fields.count, rules: rules)
        try admit(stored, .create, "create", given, context)
        // What a JSON reader could not tell from its neighbour is no key to give out.
        for part in entity.key where entity.fields[part].type == .integer {
            if case .integer(let number) = row[part], number > FieldType.largestInteger {
                throw RecordError(.keysExhausted, "There is no key left for another \(entity.name).")
            }
        }
        context.touched?.add(entity, key: entity.key.map { stored.values[$0] })
        try await audit.keep(.create, entity, before: nil, after: stored.values, context)
        return stored
    }

    /// Sees to it that no key is made that was given before: the sequence goes on behind the largest.
    func moveKeys(past key: Value, _ context: WriteContext) async throws {
        guard let keySequence, !key.isNull,
            try await !context.transaction.query(Statement(keySequence.isBehind, [key]), into: ValueRows()).isEmpty
        else { return }
        try await context.transaction.execute(Statement(keySequence.lock))
        _ = try await context.transaction.query(Statement(keySequence.advance, [key]), into: ValueRows())
    }

    /// Whether a rule asks for a key that the database makes.
    func dependsOnKey(_ rule: Rule) -> Bool {
        guard let filter = rule.condition else { return false }
        return !filter.fields(of: entity).isDisjoint(with: entity.key.filter { entity.fields[$0].isGenerated })
    }

    /// The record with what other records say of the rules of the operations.
    func judged(_ record: [Value], _ writings: [EntityAccess.Writing], _ context: WriteContext) async throws -> JudgedRecord {
        let rules = context.access.entities[position].foreignRules(of: writings)
        guard !rules.isEmpty else { return JudgedRecord(record) }
        let shape = statements.evaluationShape(rules: rules)
        let text = cache.text(entity: entity.name, shape) { statements.evaluate(rules: rules) }
        let row = try await context.transaction.query(Statement(text, record + shape.parameters), into: FirstRow())
        return JudgedRecord(record + (row ?? []), fieldCount: entity.fields.count, rules: rules)
    }

    /// Throws unless some role admits the operation on the record and lets the given fields be set.
    func admit(
        _ record: JudgedRecord, _ writing: EntityAccess.Writing, _ action: String, _ given: Set<Int>, _ context: WriteContext,
        among earlier: Set<Int>? = nil
    ) throws {
        let access = context.access.entities[position]
        if access.admitsAll(writing) { return }
        let admitted = access.admitting(writing, record).intersection(earlier ?? Set(access.grants.indices))
        guard !admitted.isEmpty else { throw refused(action, context.access) }
        let sealed = given.filter { !access.maySet($0, by: admitted) }.sorted()
        guard sealed.isEmpty else {
            throw invalid(
                sealed.map { field in
                    RecordProblem(
                        pointer: "/" + entity.fields[field].name, code: RecordProblem.Code.readOnly,
                        detail: "is read-only for you in this \(entity.name)")
                })
        }
    }

    func notAnObject(_ json: JSONValue) -> RecordError {
        invalid([RecordProblem(pointer: "", code: RecordProblem.Code.wrongType, detail: "is \(json.kind); expected an object")])
    }

    func invalid(_ problems: [RecordProblem]) -> RecordError {
        RecordError(
            .invalidRecord, "The \(entity.name) breaks \(problems.count == 1 ? "a rule" : "\(problems.count) rules").", problems: problems)
    }
}
