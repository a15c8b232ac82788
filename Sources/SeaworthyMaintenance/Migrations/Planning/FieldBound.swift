import SeaworthySchema

/// A bound of a field that the server keeps and no database knows, where it became tighter.
struct FieldBound {
    /// What values beyond it are: «longer than 40».
    let excess: String
    /// Which values are beyond it, by an expression for the value.
    let condition: @Sendable (any MigrationLanguage, String) -> String

    static func tightened(_ old: Field, _ new: Field) -> [FieldBound] {
        let type = new.type
        var bounds: [FieldBound] = []
        func add(_ excess: String, _ condition: @escaping @Sendable (any MigrationLanguage, String) -> String) {
            bounds.append(FieldBound(excess: excess, condition: condition))
        }
        // Bounds of another kind of value say nothing about the new ones.
        let isSameLength = StorageForm(old.type) == StorageForm(type)
        if let most = new.maxLength, !isSameLength || most < old.maxLength ?? .max {
            add("longer than \(most)") { "\($0.length($1, type)) > \(most)" }
        }
        if let least = new.minLength, !isSameLength || least > old.minLength ?? 0 {
            add("shorter than \(least)") { "\($0.length($1, type)) < \(least)" }
        }
        if let most = new.maximum, comparable(old.maximum, old.type, type).map({ most.isOrdered(before: $0) }) ?? true {
            add("more than \(type.json(most).compactText)") { "\($1) > \($0.literal(most, type))" }
        }
        if let least = new.minimum, comparable(old.minimum, old.type, type).map({ $0.isOrdered(before: least) }) ?? true {
            add("less than \(type.json(least).compactText)") { "\($1) < \($0.literal(least, type))" }
        }
        return bounds
    }

    /// A bound in the form of another type's values; nil when it has none.
    private static func comparable(_ bound: Value?, _ old: FieldType, _ new: FieldType) -> Value? {
        guard let bound else { return nil }
        if case .integer(let number) = bound, case .decimal(_, let before) = old, case .decimal(_, let after) = new {
            return .integer(after >= before ? number * powerOfTen(after - before) : number / powerOfTen(before - after))
        }
        return StorageForm(old) == StorageForm(new) ? bound : nil
    }
}
