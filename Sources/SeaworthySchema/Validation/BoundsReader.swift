/// Reads `min` and `max`: bounds of the value, or of its length.
struct BoundsReader {
    let section: DeclaredSection
    let type: FieldType
    let log: ProblemLog

    func read(into field: inout Field) {
        switch type {
        case .integer, .bigint, .double, .decimal, .date, .timestamp:
            field.minimum = section["min"].flatMap(value)
            field.maximum = section["max"].flatMap(value)
            if let minimum = field.minimum, let maximum = field.maximum, maximum.isOrdered(before: minimum) { reportCrossed() }
        case .string, .text, .email, .url, .bytes, .array:
            field.minLength = section["min"].flatMap { length($0, least: 0) }
            field.maxLength = section["max"].flatMap { length($0, least: 1) }
            if let minimum = field.minLength, let maximum = field.maxLength, maximum < minimum { reportCrossed() }
        case .boolean, .uuid, .enum, .json:
            for key in ["min", "max"] {
                guard let bound = section[key] else { continue }
                log.report(
                    .notApplicable, at: bound.keyPlace, path: bound.path, "«\(key)» does not apply to a field of type \(type.name).",
                    fix: "remove it.")
            }
        }
    }

    private func value(_ bound: DeclaredValue) -> Value? {
        do {
            return try type.value(from: bound.node.json)
        } catch {
            log.report(
                .invalidBound, at: bound.place, path: bound.path, "\(bound.node.subject) \(error.detail).",
                fix: "write a value of the field.")
            return nil
        }
    }

    private func length(_ bound: DeclaredValue, least: Int) -> Int? {
        guard let length = bound.integer, length >= least else {
            log.report(
                .invalidBound, at: bound.place, path: bound.path,
                "\(bound.node.subject) is not a length.", fix: "write a whole number of at least \(least).")
            return nil
        }
        return length
    }

    private func reportCrossed() {
        guard let bound = section["min"] else { return }
        log.report(
            .contradiction, at: bound.place, path: bound.path, "`min` is more than `max`, so no value fits.", fix: "swap or correct them.")
    }
}
