/// A mapping of the schema file, its keys checked against the language: every value that is still here has its key's shape.
struct DeclaredSection {
    let section: SchemaSection
    /// Where the section is named.
    let place: SourcePlace
    let path: String
    private var values: [String: DeclaredValue] = [:]
    /// False when something else stands where the mapping belongs; then no key is missing either.
    private(set) var isMapping = true
    /// The known keys that stand in the file, also those whose value was refused.
    private var given: Set<String> = []

    /// - Parameter value: the mapping, after its key. What is no mapping is reported and read as an empty one.
    init(_ section: SchemaSection, _ value: DeclaredValue, log: ProblemLog) {
        self.section = section
        place = value.keyPlace
        path = value.path
        guard let members = value.node.members else {
            isMapping = false
            log.report(
                .wrongType, at: value.place, path: path, "Expected a mapping, found \(value.node.described).",
                fix: "write `key: value` pairs of \(section.title).")
            return
        }
        for member in members {
            let memberPath = path.isEmpty ? member.key : "\(path).\(member.key)"
            take(DeclaredValue(node: member.value, keyPlace: member.keyPlace, path: memberPath), member.key, log)
        }
        for key in section.keys where key.isRequired && !members.contains(where: { $0.key.hasSameBytes(as: key.name) }) {
            log.report(
                .missingKey, at: value.keyPlace, path: path, "The key «\(key.name)» is missing.",
                fix: "add `\(key.name):` to \(section.title).")
        }
    }

    /// A section that the file does not write out.
    init(_ section: SchemaSection, at place: SourcePlace, path: String, _ contents: [String: YAMLNode.Content]) {
        self.section = section
        self.place = place
        self.path = path
        values = Dictionary(
            uniqueKeysWithValues: contents.map { key, content in
                (key, DeclaredValue(node: YAMLNode(content: content, place: place), keyPlace: place, path: "\(path).\(key)"))
            })
        given = Set(contents.keys)
    }

    /// Whether the key stands in the file, be its value right or wrong.
    func has(_ key: String) -> Bool { given.contains(key) }

    /// The value of a key, when it was given and has the right shape.
    subscript(_ key: String) -> DeclaredValue? { values[key] }

    func text(_ key: String) -> String? { values[key]?.text }

    func flag(_ key: String) -> Bool { values[key]?.bool ?? false }

    private mutating func take(_ value: DeclaredValue, _ name: String, _ log: ProblemLog) {
        guard let key = section.key(named: name) else {
            let known = section.keys.filter(\.isSupported).map(\.name)
            let hint = known.nearest(to: name).map { "did you mean «\($0)»?" } ?? "remove it."
            log.report(
                .unknownKey, at: value.keyPlace, path: value.path,
                "«\(name.lineExcerpt)» is not a key of \(section.title). Known keys: \(known.joined(separator: ", ")).", fix: hint)
            return
        }
        given.insert(key.name)
        guard key.isSupported else {
            log.report(
                .notSupported, at: value.keyPlace, path: value.path, "«\(name)» is not supported in this version.",
                fix: "remove it until a version that has it.")
            return
        }
        if ShapeCheck(log: log).accepts(value, key) { values[name] = value }
    }
}
