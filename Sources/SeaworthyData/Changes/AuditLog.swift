import SeaworthyQuery
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// What was done to a record.
enum ChangeAction: String, Sendable, CaseIterable {
    case create, update, delete, restore, purge
}

/// Writes the history of changes, each in the transaction that makes the change.
struct AuditLog: Sendable {
    private let insert: SQLText
    private let withdrawal: SQLText
    /// The changes of a record before one of them, the newest first. Parameters: the entity, the key, the id, the most rows.
    let entries: SQLText
    /// Removes old changes of an entity. Parameters: the entity, the time, the most rows.
    let removal: SQLText
    private static let last = SQLText("SELECT coalesce(max(id), 0) FROM seaworthy_audit")

    init(dialect: any Dialect) {
        let fields = Array(SystemSchema.audit.fields.indices.dropFirst())
        insert = RecordStatements(SystemSchema.audit, dialect: dialect).insertOnly(fields: fields)
        let (first, second, third) = (dialect.placeholder(1, .string), dialect.placeholder(2, .string), dialect.placeholder(3, .integer))
        withdrawal = SQLText("DELETE FROM seaworthy_audit WHERE entity = \(first) AND key = \(second) AND id > \(third)")
        entries = SQLText(
            """
            SELECT id, action, actor, at, request_id, changes FROM seaworthy_audit WHERE entity = \(first) AND key = \(second) \
            AND id < \(third) ORDER BY id DESC LIMIT \(dialect.placeholder(4, .integer))
            """)
        removal = SQLText(
            """
            DELETE FROM seaworthy_audit WHERE id IN (SELECT id FROM seaworthy_audit WHERE entity = \(first) \
            AND at < \(dialect.placeholder(2, .timestamp)) LIMIT \(third))
            """)
    }

    /// The statement that keeps one change; nil where the entity keeps none.
    ///
    /// - Parameters:
    ///   - before: the record as it was; nil for a new one.
    ///   - after: the record as it is; nil for one that is gone.
    func entry(
        _ action: ChangeAction, _ entity: Entity, before: [Value]?, after: [Value]?, _ context: WriteContext
    ) -> Statement? {
        guard entity.audit != nil, let record = after ?? before else { return nil }
        return Statement(
            insert,
            [
                .text(entity.name), .text(entity.path(of: record)), .text(action.rawValue), context.actor, .integer(context.now),
                context.requestID.map(Value.text) ?? .null, .text(Self.changes(entity, before: before, after: after).compactText),
            ])
    }

    func keep(
        _ action: ChangeAction, _ entity: Entity, before: [Value]?, after: [Value]?, _ context: WriteContext
    ) async throws {
        guard let entry = entry(action, entity, before: before, after: after, context) else { return }
        try await context.transaction.execute(entry)
    }

    // MARK: Imports

    /// The last change that is kept so far; those to come stand behind it.
    func position(in transaction: any DatabaseTransaction) async throws -> Int64 {
        let row = try await transaction.query(Statement(Self.last), into: FirstRow())
        guard case .integer(let id)? = row?.first else { return 0 }
        return id
    }

    /// Takes back what was kept behind a position of a record that is not to be there after all.
    func withdraw(_ entity: Entity, key: [Value], behind position: Int64, in transaction: any DatabaseTransaction) async throws {
        let text = entity.path(of: entity.record(withKey: key))
        try await transaction.execute(
            Statement(withdrawal, [.text(entity.name), .text(text), .integer(position)]))
    }

    /// `{field:{"before":…,"after":…}}` of every field whose value differs. When and by whom the record was last changed stands in the entry.
    private static func changes(_ entity: Entity, before: [Value]?, after: [Value]?) -> JSONValue {
        var changes = JSONObject()
        for (index, field) in entity.fields.enumerated() where field.managed != .updatedAt && field.managed != .updatedBy {
            let (old, new) = (before?[index] ?? .null, after?[index] ?? .null)
            guard old != new else { continue }
            changes.append(field.name, ["before": field.type.json(old), "after": field.type.json(new)])
        }
        return .object(changes)
    }
}

extension Entity {
    /// A record's key as it stands in a path: parts percent-encoded, joined by commas.
    func path(of record: [Value]) -> String {
        key.map { part in
            switch fields[part].type.json(record[part]) {
            case .string(let text): text.percentEncoded
            case let other: other.compactText.percentEncoded
            }
        }.joined(separator: ",")
    }
}
