import SeaworthyData
import SeaworthySchema

/// Entities that keep when, by whom and what was changed, and of which deleted records stay.
enum Ledger {
    static let entities = """
        Customer:
          key: ID
          timestamps: true
          softDelete: true
          audit: { keep: 30d }
          fields:
            ID: { type: integer, generated: true }
            Code: { type: string, unique: true }
            Name: { type: string, search: 1 }
            Secret: { type: string }
          access:
            anyone: { read: true, create: true, update: true, delete: true, restore: true, purge: true, history: true, hide: [Secret] }
            reader: { read: true }
        Order:
          key: ID
          softDelete: true
          timestamps: true
          audit: true
          fields:
            ID: { type: integer }
            CustomerID: { references: Customer, as: customer, inverse: orders, onDelete: restrict, index: true }
            AgentID: { references: Customer, as: agent, inverse: sales, onDelete: setNull, index: true }
          access: { anyone: { read: true, create: true, update: true, delete: true, restore: true, purge: true, history: { ID: { lt: 100 } } } }
        Line:
          key: [OrderID, Number]
          softDelete: true
          audit: true
          fields:
            OrderID: { references: Order, as: order, inverse: lines, onDelete: cascade }
            Number: { type: integer }
            Quantity: { type: integer, min: 1, required: true, default: 1 }
          access: { anyone: { read: true, create: true, update: true, delete: true, restore: true, history: true } }
        Label:
          key: ID
          audit: true
          fields:
            ID: { type: integer }
            OrderID: { references: Order, as: order, inverse: labels, onDelete: cascade, index: true }
          access: { anyone: { read: true, create: true, delete: true, history: true } }
        """

    static let user = Caller(user: .init(id: "u1"))
    static let later = TestStore.now + 1_000_000

    static func store() async throws -> TestStore { try await TestStore(entities) }
}

extension TestStore {
    func put(
        _ entity: String, _ key: String..., body: String, as caller: Caller = .anonymous, if condition: RecordCondition = .none,
        now: Int64 = Self.now
    ) async throws -> StoredRecord {
        try await collection(entity).put(key: key, try JSONParser.parse(body), WriteRequest(caller, now: now), if: condition)
    }

    func remove(_ entity: String, _ key: String..., isPurge: Bool, as caller: Caller = .anonymous) async throws {
        try await collection(entity).delete(key: key, WriteRequest(caller, now: Ledger.later), isPurge: isPurge)
    }

    @discardableResult
    func restore(_ entity: String, _ key: String..., as caller: Caller = .anonymous) async throws -> String {
        try await collection(entity).restore(key: key, WriteRequest(caller, now: Ledger.later)).body.text
    }

    /// The actions of a record's history with what they changed, oldest first.
    func changes(_ entity: String, _ key: String..., as caller: Caller = .anonymous) async throws -> [String] {
        let text = try await collection(entity).history(key: key, query: [("limit", "200")], as: caller).body.text
        guard case .object(let answer) = try JSONParser.parse(text, maximumDepth: 128), case .array(let entries)? = answer["data"] else { return [] }
        return entries.reversed().map { entry in
            guard case .object(let entry) = entry, case .object(let changes)? = entry["changes"],
                case .string(let action)? = entry["action"]
            else { return "?" }
            let told = changes.members.filter { !["createdAt", "deletedAt", "createdBy", "deletedBy"].contains($0.name) }.map { change in
                guard case .object(let values) = change.value else { return "?" }
                return "\(change.name) \(values["before"]?.compactText ?? "?")→\(values["after"]?.compactText ?? "?")"
            }
            let actor = if case .string(let actor)? = entry["actor"] { " by \(actor)" } else { "" }
            return ([action + actor] + told).joined(separator: ", ")
        }
    }
}
