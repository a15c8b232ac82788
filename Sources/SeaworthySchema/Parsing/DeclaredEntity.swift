/// An entity as it is written: its sections checked key by key, nothing resolved yet.
struct DeclaredEntity {
    var name: String
    var section: DeclaredSection
    /// In the order of the file.
    var fields: [DeclaredField]
    /// True when the key is the `id` that the server adds.
    var hasAddedKey: Bool
    /// Positions in ``fields``; empty when the key could not be read.
    var key: [Int]

    var isView: Bool { section.flag("readOnly") }

    func fieldIndex(named name: String) -> Int? {
        fields.firstIndex { $0.name.hasSameBytes(as: name) }
    }
}

/// A field as it is written.
struct DeclaredField {
    var name: String
    var section: DeclaredSection
    var reference: DeclaredReference?
    /// What of a record's life the server keeps in a field that it adds.
    var managed: Field.Managed?
}

/// A `references:` as it is written.
struct DeclaredReference {
    /// The target's name and where it stands.
    var target: String
    var value: DeclaredValue
    /// The names of the fields that hold the target's key; nil for the field itself.
    var fields: DeclaredValue?
}
