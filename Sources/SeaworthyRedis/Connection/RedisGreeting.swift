/// What a server said of itself when we came.
struct RedisGreeting: Sendable, Equatable {
    enum Mode: String, Sendable {
        case standalone, cluster, sentinel
    }

    /// 3, or 2 for a server that knows no newer one.
    var protocolVersion = 2
    /// Such as `7.0.15`.
    var version = ""
    var mode = Mode.standalone
    /// Of its data it is the copy of another's, and takes no writes.
    var isReplica = false
}

extension RedisGreeting {
    /// - Parameter hello: the answer to `HELLO`.
    init(hello: RESPValue) {
        protocolVersion = hello["proto"]?.int.map(Int.init) ?? 2
        version = hello["version"]?.string ?? ""
        mode = hello["mode"]?.string.flatMap(Mode.init) ?? .standalone
        isReplica = hello["role"]?.string.map { $0 != "master" } ?? false
    }

    /// - Parameter info: the answer to `INFO`: lines of `name:value`.
    init(info: String) {
        for line in info.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "redis_version": version = parts[1]
            case "redis_mode": mode = Mode(rawValue: parts[1]) ?? .standalone
            case "role": isReplica = parts[1] != "master" && parts[1] != "sentinel"
            default: break
            }
        }
    }
}
