import NIOCore
import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension RecordCollection {
    /// Every change of a record, the newest first, as a page.
    ///
    /// A record that is gone is judged by what it was before it went. Of each change only fields are told that the caller sees in the record.
    ///
    /// - Parameter items: the query's parameters, decoded: `limit`, `cursor`.
    package func history(
        key: [String], query items: [(name: String, value: String)], as caller: Caller = .anonymous
    ) async throws -> RecordPage {
        let access = access(of: caller)
        try requireRead(access)
        guard access.entities[position].allows(.history) else { throw refused("see the history of", access) }
        let key = try self.key(key)
        let (limit, before) = try historyPage(items, key, access)
        let text = entity.path(of: entity.record(withKey: key))
        return try await database.transaction(.read) { [self] transaction in
            let context = WriteContext(access: access, now: 0, requestID: nil, transaction: transaction)
            let entries = try await transaction.query(
                Statement(
                    audit.entries, [.text(entity.name), .text(text), .integer(before), .integer(Int64(limit + 1))]), into: ValueRows())
            let lives = try await lives(of: entries, key, text, context)
            return finished(entries, limit: limit, lives: lives, key)
        }
    }

    /// One life of a record: from its making until it was gone, when another could be made with its key.
    private struct Life: Sendable {
        /// The id of the entry with which the next life of the key begins; the largest number for the last.
        var end: Int64
        /// The fields of the record that the caller sees; nil when they may not see its history.
        var visible: Set<Int>?
    }

    /// The lives that entries belong to, the last first. Each is judged by itself: who makes a record with the key of one that is gone learns
    /// nothing of that one.
    private func lives(of entries: [[Value]], _ key: [Value], _ text: String, _ context: WriteContext) async throws -> [Life] {
        let now = try await stored(key, [.history], context)
        let last: JudgedRecord
        if let now {
            // A deleted record is for those who may delete, as in lists.
            guard !isDeleted(now) || context.access.entities[position].allows(.delete) else { throw notFound }
            last = now
        } else {
            guard let image = try await lastImage(key, text, before: .max, context) else { throw notFound }
            last = try await judged(image, [.history], context)
        }
        let access = context.access.entities[position]
        guard let visible = access.visibleFields(of: last) else { throw notFound }
        guard !access.admitting(.history, last).isEmpty else { throw refused("see the history of", context.access) }
        var lives = [Life(end: .max, visible: visible)]
        for case (.integer(let id), .text("create")) in entries.map({ ($0[0], $0[1]) }) {
            // What came before a making was another record.
            guard let image = try await lastImage(key, text, before: id, context) else { continue }
            let earlier = try await judged(image, [.history], context)
            lives.append(
                Life(end: id, visible: access.admitting(.history, earlier).isEmpty ? nil : access.visibleFields(of: earlier)))
        }
        return lives
    }

    /// A record that is gone, as the change that removed it tells; nil when there was none.
    ///
    /// - Parameter id: only changes before this one are looked at.
    private func lastImage(_ key: [Value], _ text: String, before id: Int64, _ context: WriteContext) async throws -> [Value]? {
        let rows = try await context.transaction.query(
            Statement(audit.entries, [.text(entity.name), .text(text), .integer(id), .integer(1)]), into: ValueRows())
        guard let row = rows.first else { return nil }
        guard case .text(let changes) = row[5],
            case .object(let object)? = try? JSONParser.parse(changes, maximumDepth: RecordInput.storedDepth)
        else { throw StorageError(.corrupt, message: "an entry of seaworthy_audit for \(entity.name) holds no JSON object") }
        var record = entity.record(withKey: key)
        for (index, field) in entity.fields.enumerated() {
            guard case .object(let change)? = object[field.name], let before = change["before"], before != .null else { continue }
            record[index] = (try? field.type.value(from: before)) ?? .null
        }
        return record
    }

    /// Who does not see by whom a record was made or changed is not told by its history either.
    private func isActorTold(_ visible: Set<Int>) -> Bool {
        [Field.Managed.createdBy, .updatedBy].compactMap(entity.index(of:)).allSatisfy(visible.contains)
    }

    private func historyPage(
        _ items: [(name: String, value: String)], _ key: [Value], _ access: CallerAccess
    ) throws -> (limit: Int, before: Int64) {
        var problems: [QueryProblem] = []
        var limit = schema.api.pageSize
        var before = Int64.max
        var names: Set<String> = []
        for (name, value) in items {
            guard names.insert(name).inserted else {
                problems.append(QueryProblem(.duplicateParameter, parameter: name, "stands twice"))
                continue
            }
            switch name {
            case "limit":
                if let number = WholeNumber.parse(value), (1...schema.api.maxPageSize).contains(number) {
                    limit = number
                } else {
                    problems.append(
                        QueryProblem(.invalidParameter, parameter: name, "is not a whole number between 1 and \(schema.api.maxPageSize)"))
                }
            case "cursor":
                if let bytes = cursors.open(value, binding: historyBinding(key)),
                    case .integer(let id)? = CursorPosition.decode(bytes, count: 1)?.first
                {
                    before = id
                } else {
                    problems.append(
                        QueryProblem(.invalidCursor, parameter: name, "is not a cursor of this history; take nextCursor from an answer"))
                }
            default:
                problems.append(
                    QueryProblem(
                        .unknownParameter, parameter: name.excerpt, "is not a parameter of this route; known are limit, cursor"))
            }
        }
        guard problems.isEmpty else { throw QueryProblems(problems) }
        return (limit, before)
    }

    private func historyBinding(_ key: [Value]) -> [UInt8] {
        Array("history\0\(entity.name)\0".utf8) + CursorPosition.encode(key)
    }

    private func finished(_ entries: [[Value]], limit: Int, lives: [Life], _ key: [Value]) -> RecordPage {
        var body = [UInt8](room: 4096)
        body.write("{\"data\":[")
        var isFirst = true
        for entry in entries.prefix(limit) {
            guard case .integer(let id) = entry[0], let visible = lives.last(where: { id < $0.end })?.visible else { continue }
            if !isFirst { body.write(",") }
            isFirst = false
            let names = Set(visible.map { entity.fields[$0].name })
            var changes = JSONObject()
            if case .text(let text) = entry[5],
                case .object(let all)? = try? JSONParser.parse(text, maximumDepth: RecordInput.storedDepth)
            {
                changes.members = all.members.filter { names.contains($0.name) }
            }
            let json: JSONValue = [
                "action": FieldType.string.json(entry[1]), "actor": isActorTold(visible) ? FieldType.string.json(entry[2]) : .null,
                "time": FieldType.timestamp.json(entry[3]), "requestId": FieldType.string.json(entry[4]), "changes": .object(changes),
            ]
            body.write(json: json)
        }
        let hasMore = entries.count > limit
        body.write("],\"meta\":{\"limit\":")
        body.write(integer: Int64(limit))
        body.write(",\"hasMore\":")
        body.write(hasMore ? "true" : "false")
        body.write(",\"nextCursor\":")
        var next: RecordPage.Next?
        if hasMore {
            let cursor = cursors.seal(CursorPosition.encode([entries[limit - 1][0]]), binding: historyBinding(key))
            body.writeQuoted(cursor)
            next = .cursor(cursor)
        } else {
            body.write("null")
        }
        body.write("}}")
        return RecordPage(body: ByteBuffer(bytes: body), next: next)
    }
}

extension Entity {
    /// A record of which only the key is known.
    func record(withKey key: [Value]) -> [Value] {
        var record = [Value](repeating: .null, count: fields.count)
        for (part, value) in zip(self.key, key) { record[part] = value }
        return record
    }
}
