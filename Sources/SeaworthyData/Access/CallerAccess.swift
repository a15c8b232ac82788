import SeaworthyQuery
import SeaworthySchema
import Synchronization

/// What one caller may do with the records of every entity.
final class CallerAccess: Sendable {
    let caller: Caller
    let model: ReadableModel
    /// By the entity's position.
    let entities: [EntityAccess]

    init(_ caller: Caller, _ schema: Schema) {
        self.caller = caller
        entities = schema.entities.map { EntityAccess($0, for: caller, entities: schema.entities) }
        model = ReadableModel(entities: schema.entities, access: entities.map(\.read))
    }

    /// The relations of an entity that the caller may know of: they see the fields that these are made of, on both sides.
    func relations(of position: Int) -> Set<Int> {
        let relations = model.entities[position].relations
        return Set(
            relations.indices.filter { index in
                relations[index].fields.allSatisfy { entities[position].isVisible[$0] }
                    && relations[index].targetFields.allSatisfy { entities[relations[index].target].isVisible[$0] }
            })
    }
}

/// The access of the callers seen last, so that rules are prepared once for each.
final class CallerAccessCache: Sendable {
    /// The most callers kept besides the anonymous one; when there are more, all are forgotten and prepared again as they come.
    static let maximumCount = 1024

    private let schema: Schema
    private let anonymous: CallerAccess
    private let known = Mutex<[Caller: CallerAccess]>([:])

    init(_ schema: Schema) {
        self.schema = schema
        anonymous = CallerAccess(.anonymous, schema)
    }

    func access(of caller: Caller) -> CallerAccess {
        if caller.user == nil, caller.roles.isEmpty { return anonymous }
        if let access = known.withLock({ $0[caller] }) { return access }
        let made = CallerAccess(caller, schema)
        known.withLock { known in
            if known.count >= Self.maximumCount { known.removeAll(keepingCapacity: true) }
            known[caller] = made
        }
        return made
    }
}
