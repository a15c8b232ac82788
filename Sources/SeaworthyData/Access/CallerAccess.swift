import SeaworthyQuery
import SeaworthySchema
import Synchronization

/// What one caller may do with the records of every entity.
final class CallerAccess: Sendable {
    let caller: Caller
    let model: ReadableModel
    /// By the entity's position.
    let entities: [EntityAccess]
    /// The relations of each entity that the caller may know of, by their index: they see the fields that these are made of, on both sides.
    let relations: [Set<Int>]
    private let wholes = Mutex<[Int: WholeRecord]>([:])
    private let identity = Mutex<CacheIdentity?>(nil)

    /// Under which answers that depend on these entities are kept.
    func cacheIdentity(of positions: Set<Int>) -> [UInt8] {
        let identity = identity.withLock { known in
            if let known { return known }
            let made = CacheIdentity(caller, model, entities)
            known = made
            return made
        }
        return identity.bytes(of: positions)
    }

    /// How a whole record is read and written for the caller: the usual request, so it is prepared once.
    struct WholeRecord: Sendable {
        /// With every field's value behind what is sent, for the entity tag.
        let layout: RecordLayout
        let encoder: RecordEncoder
        /// The fields that the caller sees in some record.
        let visible: Set<Int>
    }

    init(_ caller: Caller, _ schema: Schema) {
        self.caller = caller
        let entities = schema.entities.map { EntityAccess($0, for: caller, entities: schema.entities) }
        self.entities = entities
        model = ReadableModel(entities: schema.entities, access: entities.map(\.read))
        relations = zip(schema.entities, entities).map { entity, access in
            Set(
                entity.relations.indices.filter { index in
                    let relation = entity.relations[index]
                    return relation.fields.allSatisfy { access.isVisible[$0] }
                        && relation.targetFields.allSatisfy { entities[relation.target].isVisible[$0] }
                })
        }
    }

    func whole(_ position: Int) -> WholeRecord {
        if let known = wholes.withLock({ $0[position] }) { return known }
        let fields = model.entities[position].fields.indices
        let visible = fields.filter(model.access[position].isVisible)
        let layout = RecordLayout(
            Projection(entity: position, fields: visible), model: model, further: fields.map { FieldPath($0) })
        let whole = WholeRecord(layout: layout, encoder: RecordEncoder(layout, model.entities), visible: Set(visible))
        wholes.withLock { $0[position] = whole }
        return whole
    }
}

/// The access of the callers seen last, so that rules are prepared once for each.
final class CallerAccessCache: Sendable {
    /// The most callers kept besides the anonymous one; when there are more, all are forgotten and prepared again as they come.
    static let maximumCount = 1024

    private let schema: Schema
    private let anonymous: CallerAccess
    /// Whoever may do everything, without being known further.
    let administrator: CallerAccess
    private let known = Mutex<[Caller: CallerAccess]>([:])

    init(_ schema: Schema) {
        self.schema = schema
        anonymous = CallerAccess(.anonymous, schema)
        administrator = CallerAccess(Caller(roles: [RoleAccess.admin]), schema)
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
