import SeaworthySchema

/// Turns what a client sent into a record's values, and collects everything that is wrong with it.
struct RecordInput {
    /// Path words that stand where a key could (`/v1/orders/query`), and what a URL's path cannot hold.
    static let reservedKeys: Set<String> = ["query", "aggregate", "import", ".", "..", ""]

    /// The largest key that a client may give where the server makes keys: half of them remain.
    static let largestGivenKey: Int64 = 1 << 52
    static let largestGivenBigint: Int64 = 1 << 62

    /// How deep stored JSON may be nested: deeper than what a client may send, which was wrapped, or written past this server.
    static let storedDepth = 1024

    private let entity: Entity
    /// What the caller may do; nil for an import by the operator.
    private let access: EntityAccess?
    private let writing: EntityAccess.Writing
    /// Whether the operator imports, who may set read-only fields too.
    private var isImport: Bool { access == nil }
    private(set) var problems: [RecordProblem] = []
    /// The fields that the client named and may set.
    private(set) var given: Set<Int> = []
    /// What the client sent for relations to many, by the relation's index.
    private(set) var nested: [(relation: Int, records: JSONValue)] = []
    /// Fields whose values the request gives elsewhere: the key in the path, the reference to the record around.
    private let fixed: [Int: Value]
    /// Whether a key that the server makes may be given all the same.
    private let mayGiveKey: Bool
    /// The relations that the caller may know of, by their index.
    private let relations: Set<Int>

    init(
        _ entity: Entity, access: EntityAccess?, writing: EntityAccess.Writing = .create, fixed: [Int: Value] = [:],
        mayGiveKey: Bool = false, relations: Set<Int> = []
    ) {
        self.relations = relations
        self.fixed = fixed
        self.mayGiveKey = mayGiveKey
        self.entity = entity
        self.access = access
        self.writing = writing
    }

    private func isVisible(_ field: Int) -> Bool { access?.isVisible[field] ?? true }

    /// A new record's values by field. A generated key of the database's is null.
    mutating func newRecord(from object: JSONObject, now: Int64) -> [Value] {
        var record = [Value?](repeating: nil, count: entity.fields.count)
        for (index, value) in fixed {
            record[index] = value
            // A key in the path is held to the field's bounds like one in the body.
            if mayGiveKey { _ = self.value(of: entity.fields[index].type.json(value), for: index) }
        }
        if !isImport { given.formUnion(fixed.keys) }
        for member in object.members {
            if writing == .create, let relation = relationToMany(member.name) {
                nested.append((relation, member.value))
                continue
            }
            guard let index = writableField(member.name, isNew: true) else { continue }
            if let value = fixed[index] {
                // A client may say again what the request says already.
                if self.value(of: member.value, for: index) != value {
                    problems.append(problem(index, RecordProblem.Code.immutable, "is given by the request's path or the record around"))
                }
                continue
            }
            // Null keeps conditions on a field whose value is refused unknown, so that it is not blamed twice.
            record[index] = value(of: member.value, for: index) ?? .null
        }
        return completed(record, now: now)
    }

    /// Fills in defaults and made keys, and reports what is missing.
    mutating func completed(_ given: [Value?], now: Int64) -> [Value] {
        var record: [Value] = []
        record.reserveCapacity(given.count)
        for (index, field) in entity.fields.enumerated() {
            let value = given[index] ?? initialValue(of: field, now: now)
            if value.isNull, !entity.isNullable(index), !field.isGenerated || field.type == .uuid,
                !hasProblem(at: index)
            {
                problems.append(problem(index, ValueProblem.Code.required.rawValue, given[index] == nil ? "is missing" : "may not be null"))
            }
            record.append(value)
        }
        checkKey(record)
        checkConditions(record)
        return record
    }

    private func initialValue(of field: Field, now: Int64) -> Value {
        if field.managed == .createdAt || field.managed == .updatedAt { return .integer(now) }
        if field.isGenerated, field.type == .uuid { return .text(UUIDv7.make(milliseconds: now / 1000)) }
        switch field.defaultValue {
        case .value(let value): return value
        case .now: return field.type == .date ? Self.date(now) : .integer(now)
        case nil: return .null
        }
    }

    private static func date(_ now: Int64) -> Value {
        var text: [UInt8] = []
        text.write(date: CivilTime(microseconds: now).date)
        return .text(String(decoding: text, as: UTF8.self))
    }

    /// The record after a merge patch (RFC 7396), and the fields that it names.
    mutating func patched(_ stored: [Value], by patch: JSONObject) -> (record: [Value], fields: [Int]) {
        var record = stored
        var fields: [Int] = []
        for member in patch.members {
            guard let index = writableField(member.name, isNew: false) else { continue }
            let field = entity.fields[index]
            let json: JSONValue
            if case .object(let object) = member.value, field.type.isNumber {
                guard let sum = incremented(stored[index], by: object, index) else { continue }
                json = sum
            } else {
                json = field.type == .json ? merged(stored[index], with: member.value) : member.value
            }
            guard let value = value(of: json, for: index) else {
                record[index] = .null
                continue
            }
            if entity.key.contains(index) {
                if value != stored[index] {
                    problems.append(problem(index, RecordProblem.Code.immutable, "is part of the key, which never changes"))
                }
                continue
            }
            if value.isNull, field.isRequired {
                problems.append(problem(index, ValueProblem.Code.required.rawValue, "may not be null"))
                continue
            }
            record[index] = value
            fields.append(index)
        }
        checkConditions(record)
        return (record, fields.sorted())
    }

    /// The field's value after `{"$increment":1}`; nil for anything else, which is reported.
    private mutating func incremented(_ stored: Value, by object: JSONObject, _ index: Int) -> JSONValue? {
        let type = entity.fields[index].type
        guard object.members.count == 1, let member = object.members.first, member.name.hasSameBytes(as: "$increment") else {
            let name = object.members.first?.name.excerpt ?? ""
            problems.append(
                problem(
                    index, ValueProblem.Code.wrongType.rawValue,
                    "is an object with «\(name)»; expected a number or {\"$increment\": number}"))
            return nil
        }
        guard !stored.isNull else {
            problems.append(problem(index, ValueProblem.Code.wrongType.rawValue, "is null, which cannot be incremented"))
            return nil
        }
        do throws(ValueProblem) {
            switch (stored, try type.value(from: member.value)) {
            case (.integer(let old), .integer(let step)):
                let (sum, overflows) = old.addingReportingOverflow(step)
                guard !overflows else { throw ValueProblem(.outOfRange, "would leave the range of its type") }
                // A decimal of more digits than its precision, or an integer beyond 2^53, is refused by the type itself.
                return type.json(.integer(sum))
            case (.double(let old), .double(let step)):
                guard (old + step).isFinite else { throw ValueProblem(.outOfRange, "would leave the range of its type") }
                return type.json(.double(old + step))
            default: throw ValueProblem(.wrongType, "cannot be incremented by null")
            }
        } catch {
            problems.append(problem(index, error.code.rawValue, "$increment \(error.detail)"))
            return nil
        }
    }

    /// The record that takes the place of a stored one (PUT), and the fields whose values differ.
    ///
    /// What the caller does not see or the server manages keeps its value.
    ///
    /// - Parameters:
    ///   - seen: the fields of the stored record that the caller sees.
    ///   - admitted: the grants that admit the change of the stored record.
    mutating func replacing(
        _ stored: [Value], by object: JSONObject, seen: Set<Int>, admitted: Set<Int>, now: Int64
    ) -> (record: [Value], fields: [Int]) {
        var record = [Value?](repeating: nil, count: entity.fields.count)
        for (index, field) in entity.fields.enumerated()
        where entity.key.contains(index) || !seen.contains(index) || isKept(index, field, admitted) {
            record[index] = stored[index]
        }
        for member in object.members {
            guard let index = entity.fieldIndex(named: member.name), isVisible(index) else {
                _ = writableField(member.name, isNew: false)
                continue
            }
            // What the caller may set, and does not see here, is set only when it is named.
            if !seen.contains(index), access?.maySet(index, by: admitted) ?? true {
                record[index] = value(of: member.value, for: index) ?? .null
                given.insert(index)
                continue
            }
            if let kept = record[index] {
                if value(of: member.value, for: index) != kept {
                    problems.append(
                        problem(
                            index, entity.key.contains(index) ? RecordProblem.Code.immutable : RecordProblem.Code.readOnly,
                            entity.key.contains(index)
                                ? "is part of the key, which never changes" : "is read-only; send the stored value or none"))
                }
                continue
            }
            record[index] = value(of: member.value, for: index) ?? .null
            given.insert(index)
        }
        // What is not named becomes what a new record would have there.
        let names = Set(entity.fields.indices.filter { record[$0] == nil })
        given.formUnion(names)
        let replaced = completed(record, now: now)
        return (replaced, entity.fields.indices.filter { replaced[$0] != stored[$0] })
    }

    /// Whether a client may not set the field, so that a replacement keeps it.
    private func isKept(_ index: Int, _ field: Field, _ admitted: Set<Int>) -> Bool {
        field.isReadOnly || field.isGenerated || !(access?.maySet(index, by: admitted) ?? true)
    }

    private func relationToMany(_ name: String) -> Int? {
        guard entity.fieldIndex(named: name) == nil, let index = entity.relationIndex(named: name), relations.contains(index),
            entity.relations[index].isToMany
        else {
            return nil
        }
        return index
    }

    private func merged(_ stored: Value, with patch: JSONValue) -> JSONValue {
        guard case .object = patch, case .text(let text) = stored, let json = try? JSONParser.parse(text, maximumDepth: Self.storedDepth)
        else {
            return patch.withoutNullMembers
        }
        return json.merged(with: patch)
    }

    /// The field of a member that the client may set; a problem otherwise.
    private mutating func writableField(_ name: String, isNew: Bool) -> Int? {
        guard let index = entity.fieldIndex(named: name), isVisible(index) else {
            let place = "/" + name.jsonPointerEscaped.excerpt
            if let relation = entity.relationIndex(named: name), relations.contains(relation) {
                let isToMany = entity.relations[relation].isToMany
                let fields = entity.relations[relation].fields.map { entity.fields[$0].name }.joined(separator: ", ")
                problems.append(
                    RecordProblem(
                        pointer: place, code: RecordProblem.Code.relation,
                        detail: isToMany
                            ? "is a relation to many records, which are made along with a new record only"
                            : "is a relation to one record; set \(fields) to its key"))
                return nil
            }
            // Looking for what was meant takes time, and only so many problems are told.
            guard problems.count < FilterProblem.maximumCount else { return nil }
            let known = entity.fields.indices.filter(isVisible).map { entity.fields[$0].name }
            let hint = known.nearest(to: name).map { "; did you mean «\($0)»?" } ?? ""
            problems.append(
                RecordProblem(pointer: place, code: RecordProblem.Code.unknownField, detail: "is not a field of \(entity.name)\(hint)"))
            return nil
        }
        let field = entity.fields[index]
        if field.isGenerated, isNew, !isImport, !mayGiveKey, fixed[index] == nil {
            problems.append(problem(index, RecordProblem.Code.generated, "is made by the server and cannot be set"))
            return nil
        }
        if !isImport, field.isReadOnly || !(access?.maySet(index, by: writing) ?? true) {
            problems.append(problem(index, RecordProblem.Code.readOnly, field.isReadOnly ? "is read-only" : "is read-only for you"))
            return nil
        }
        given.insert(index)
        return index
    }

    /// Nil when the field refuses it, which is reported.
    private mutating func value(of json: JSONValue, for index: Int) -> Value? {
        do throws(ValueProblem) {
            return try entity.fields[index].value(from: json)
        } catch {
            problems.append(problem(index, error.code.rawValue, error.detail))
            return nil
        }
    }

    mutating func report(_ problem: RecordProblem) {
        problems.append(problem)
    }

    mutating func report(_ problem: ValueProblem, field index: Int) {
        problems.append(self.problem(index, problem.code.rawValue, problem.detail))
    }

    /// The longest text that a key's part may be, in UTF-8: percent-encoded it still fits into an address.
    static let maximumKeyBytes = 2048

    private mutating func checkKey(_ record: [Value]) {
        for part in entity.key {
            guard case .text(let text) = record[part], text.utf8.count > Self.maximumKeyBytes else { continue }
            problems.append(
                problem(part, ValueProblem.Code.tooLong.rawValue, "is longer than the \(Self.maximumKeyBytes) bytes that a key may have"))
        }
        if mayGiveKey { checkRoom(record) }
        guard entity.key.count == 1, case .text(let text) = record[entity.key[0]], Self.reservedKeys.contains(text) else { return }
        problems.append(problem(entity.key[0], RecordProblem.Code.reservedKey, "cannot be a key, because it has a meaning in the path"))
    }

    /// The server's own keys come behind one that is given, and have to have room there.
    private mutating func checkRoom(_ record: [Value]) {
        for part in entity.key {
            let field = entity.fields[part]
            guard field.isGenerated, case .integer(let number) = record[part],
                number > (field.type == .bigint ? Self.largestGivenBigint : Self.largestGivenKey)
            else { continue }
            problems.append(
                problem(part, ValueProblem.Code.outOfRange.rawValue, "leaves too few keys behind it that the server could make"))
        }
    }

    private mutating func checkConditions(_ record: [Value]) {
        for check in entity.checks where check.filter.evaluate(record) == false {
            problems.append(RecordProblem(pointer: "", code: RecordProblem.Code.checkFailed, detail: "the check «\(check.name)» fails"))
        }
    }

    private func hasProblem(at index: Int) -> Bool {
        let pointer = pointer(index)
        return problems.contains { $0.pointer == pointer }
    }

    private func pointer(_ index: Int) -> String {
        "/" + entity.fields[index].name.jsonPointerEscaped
    }

    private func problem(_ index: Int, _ code: String, _ detail: String) -> RecordProblem {
        RecordProblem(pointer: pointer(index), code: code, detail: detail)
    }
}

extension JSONValue {
    /// The value after a JSON Merge Patch (RFC 7396 section 2).
    fileprivate func merged(with patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        guard case .object(let object) = self else { return patch.withoutNullMembers }
        // By bytes, since String's own equality folds canonically equivalent names; looked up, since both may have thousands of members.
        var places: [[UInt8]: Int] = [:]
        var members: [JSONObject.Member?] = object.members
        for (index, member) in object.members.enumerated() { places[Array(member.name.utf8)] = index }
        for change in changes.members {
            switch (change.value, places[Array(change.name.utf8)]) {
            case (.null, let index?): members[index] = nil
            case (.null, nil): continue
            case (let value, let index?):
                let old = members[index]?.value ?? .null
                members[index]?.value = old.merged(with: value)
            case (let value, nil): members.append(.init(name: change.name, value: value.withoutNullMembers))
            }
        }
        return .object(JSONObject(members.compactMap(\.self)))
    }

    /// What a merge patch makes where nothing was: members that are null are left out.
    fileprivate var withoutNullMembers: JSONValue {
        guard case .object(let object) = self else { return self }
        return .object(
            JSONObject(object.members.filter { $0.value != .null }.map { .init(name: $0.name, value: $0.value.withoutNullMembers) }))
    }
}
