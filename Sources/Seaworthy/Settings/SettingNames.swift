/// Tells settings from other people's variables, and typing errors from both.
enum SettingNames {
    /// Names under these belong to us; an unknown one is an error.
    static let ownPrefixes = ["DATABASE_", "JWT_", "BACKUP_"]
    /// A shorter name is too likely to be someone else's.
    static let minimumLengthForNearness = 8
    static let maximumDistance = 2
    static let fileSuffix = "_FILE"

    private static let definitions = Dictionary(uniqueKeysWithValues: SettingDefinition.all.map { ($0.name, $0) })

    static func definition(of name: String) -> SettingDefinition? { definitions[name] }

    /// Variables Kubernetes sets for every service in the namespace (https://kubernetes.io/docs/concepts/containers/container-environment/):
    /// they are not ours, even when a service is named `redis`.
    static func isServiceLink(_ name: String, value: String) -> Bool {
        // `ADMIN_PORT_FILE` is a setting, although it looks like `*_PORT_*`.
        guard definition(of: withoutFileSuffix(name)) == nil || name.hasSuffix("_PORT") else { return false }
        if name.hasSuffix("_SERVICE_HOST") || name.hasSuffix("_SERVICE_PORT") || name.contains("_PORT_") { return true }
        return name.hasSuffix("_PORT") && ["tcp://", "udp://", "sctp://"].contains { value.hasPrefix($0) }
    }

    /// The problem with a name that is no setting but ought to be one; nil for a setting and for someone else's variable.
    static func problem(name: String, value: String, origin: String) -> SettingsProblem? {
        guard definition(of: name) == nil, definition(of: withoutFileSuffix(name)) == nil, !isServiceLink(name, value: value),
            let nearest = nearest(to: name)
        else { return nil }
        let isNear = name.utf8.count >= minimumLengthForNearness && nearest.distance <= maximumDistance
        guard isNear || ownPrefixes.contains(where: { name.hasPrefix($0) }) else { return nil }
        return SettingsProblem(
            .unknownSetting, name, "is not a setting\(origin)", fix: "did you mean \(nearest.name)? Rename it, or unset it")
    }

    static func withoutFileSuffix(_ name: String) -> String {
        name.hasSuffix(fileSuffix) ? String(name.dropLast(fileSuffix.count)) : name
    }

    /// `HOST_FILE` and its like are left out: the shell's HISTFILE is two letters from it.
    private static let candidates =
        SettingDefinition.all.map(\.name)
        + SettingDefinition.all.map(\.name).filter { $0.utf8.count >= minimumLengthForNearness }.map { $0 + fileSuffix }

    private static func nearest(to name: String) -> (name: String, distance: Int)? {
        candidates.map { (name: $0, distance: editDistance(name, $0)) }.min { $0.distance < $1.distance }
    }

    /// Levenshtein's distance in bytes: insertions, deletions and substitutions.
    static func editDistance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        var previous = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for (column, other) in right.enumerated() {
                current.append(min(previous[column] + (byte == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
