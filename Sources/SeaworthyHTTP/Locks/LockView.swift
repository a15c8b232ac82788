import SeaworthySchema
import SeaworthyStorage

/// Locks as one caller sees them.
///
/// The id, by which a lock is renewed and released, is for its owner and administrators. The address of who edits is for them as well, and for
/// whoever may change records of the entity, where accounts are made by administrators alone: where strangers can make themselves accounts, an
/// address is none of their business.
struct LockView: Sendable {
    let owner: LockOwner
    let isAdministrator: Bool
    let seesAddresses: Bool

    func json(_ lock: RecordLock) -> JSONObject {
        let isKnown = isAdministrator || lock.owner.isSame(as: owner)
        var who: JSONObject = ["id": .string(lock.owner.id), "kind": .string(lock.owner.kind.rawValue)]
        if isKnown || seesAddresses, let email = lock.owner.email { who.append("email", .string(email)) }
        var json: JSONObject = isKnown ? ["id": .string(lock.id)] : [:]
        json.append("entity", .string(lock.record.entity))
        json.append("key", .string(lock.record.key))
        json.append("owner", .object(who))
        json.append("acquiredAt", FieldType.timestamp.json(.integer(lock.acquiredAt)))
        json.append("expiresAt", FieldType.timestamp.json(.integer(lock.expiresAt)))
        json.append("fence", .number(String(lock.fence)))
        return json
    }
}

extension Schema.Identity {
    /// Whether anybody can make themselves an account.
    var isOpenToStrangers: Bool { registers || providers.contains { $0.registers == true } }
}
