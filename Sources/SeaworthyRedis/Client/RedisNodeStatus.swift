/// How one server is, as far as we know.
package enum RedisNodeStatus: Sendable, Equatable {
    case up
    /// Connected, and not asked because it failed.
    case failing(RedisError)
    case away(RedisError)

    package var isUp: Bool { self == .up }

    package var error: RedisError? {
        switch self {
        case .up: nil
        case .failing(let error), .away(let error): error
        }
    }
}
