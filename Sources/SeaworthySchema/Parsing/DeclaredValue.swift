/// What stands after a key of the schema file, with its place and its path in the model.
struct DeclaredValue {
    var node: YAMLNode
    /// Where the key stands.
    var keyPlace: SourcePlace
    /// `entities.Order.fields.Freight.scale`
    var path: String

    var place: SourcePlace { node.place }
    var text: String? { node.text }
    var bool: Bool? { node.bool }
    var integer: Int? { node.integer }

    /// The elements of a list; a value that is no list is its only element.
    var elements: [DeclaredValue] {
        guard let elements = node.elements else { return [self] }
        return elements.enumerated().map { index, node in DeclaredValue(node: node, keyPlace: node.place, path: "\(path)[\(index)]") }
    }

    /// The members of a mapping, by the names that the author chose.
    var members: [(name: String, value: DeclaredValue)] {
        (node.members ?? []).map { member in
            (member.key, DeclaredValue(node: member.value, keyPlace: member.keyPlace, path: "\(path).\(member.key)"))
        }
    }
}
