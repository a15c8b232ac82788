/// How one check, or all of them, came out; the worse the larger.
package enum HealthStatus: String, Sendable, Comparable, CustomStringConvertible {
    case pass
    case warn
    case fail

    package var description: String { rawValue }

    private var rank: Int {
        switch self {
        case .pass: 0
        case .warn: 1
        case .fail: 2
        }
    }

    package static func < (left: HealthStatus, right: HealthStatus) -> Bool {
        left.rank < right.rank
    }
}
