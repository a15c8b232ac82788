import Crypto
import SeaworthyQuery
import SeaworthySchema

/// What a caller's answers depend on, as bytes that are the same on every node: two callers with the same have the same answers to the same
/// requests, so they share them. These are the records and fields that they see of the entities that matter, whether they see deleted ones, and
/// their roles, which cursors belong to.
struct CacheIdentity: Sendable {
    private let roles: [UInt8]
    /// By the entity's position.
    private let entities: [[UInt8]]

    init(_ caller: Caller, _ model: ReadableModel, _ access: [EntityAccess]) {
        let names = caller.isAdministrator ? [RoleAccess.admin] : caller.roles.sorted()
        roles = Self.digest([
            Array(names.joined(separator: ",").utf8), caller.user == nil ? [] : [1],
            Array((caller.scopes?.map(\.text).sorted().joined(separator: ",") ?? "*").utf8),
        ])
        entities = model.access.enumerated().map { position, read in
            var parts: [[UInt8]] = [[access[position].allows(.delete) ? 1 : 0]]
            for grant in read.grants {
                let rule = grant.rule.map { model.shape(of: $0, on: position) }
                parts.append(rule.map { [1] + $0.bytes } ?? [])
                parts.append(rule.map { CursorPosition.encode($0.parameters) } ?? [])
                parts.append(Array(grant.hidden.sorted().map(String.init).joined(separator: ",").utf8))
            }
            return Self.digest(parts)
        }
    }

    /// - Parameter positions: of the entities that matter.
    func bytes(of positions: Set<Int>) -> [UInt8] {
        var bytes = roles
        for position in positions.sorted() { bytes += entities[position] }
        return bytes
    }

    /// Each part with its length, so that no two are taken for two others.
    private static func digest(_ parts: [[UInt8]]) -> [UInt8] {
        var hash = SHA256()
        for part in parts {
            hash.update(data: withUnsafeBytes(of: UInt32(truncatingIfNeeded: part.count)) { Array($0) })
            hash.update(data: part)
        }
        return Array(hash.finalize())
    }
}
