import SeaworthySchema
import SeededNumbers

/// A schema made at random, without what a database does not keep: onDelete, defaults, rules.
struct RandomSchema {
    private var random: SplitMix

    private static let types: [FieldType] = [
        .string, .text, .email, .integer, .bigint, .double, .decimal(precision: 9, scale: 2), .decimal(precision: 18, scale: 0), .boolean,
        .date, .timestamp,
        .uuid, .enum(["open", "it's", "2"]), .json, .array(.string), .array(.integer), .bytes,
    ]
    private static let names = ["Order", "OrderDetail", "Category", "Box", "Person", "HTTPRoute"]
    private static let words = ["name", "Total", "unit price", "select", "Größe", "user_id", "Code", "at", "x1", "data"]

    static func make(seed: UInt64) -> Schema {
        var random = RandomSchema(random: SplitMix(seed: seed))
        // Not each is one that the language takes; those are left out.
        while true {
            let schema = random.schema()
            if let read = try? SchemaParser.parse(yaml: SchemaYAML(schema).text, file: "random.yaml").schema { return read }
        }
    }

    private mutating func schema() -> Schema {
        let names = Self.names.shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random))
        var entities = names.map { entity($0) }
        for source in entities.indices {
            for _ in 0..<Int.random(in: 0...2, using: &random) { addReference(source, &entities) }
            addIndexes(&entities[source])
        }
        return Schema(name: "random", entities: entities)
    }

    private mutating func entity(_ name: String) -> Entity {
        var fields = Self.words.shuffled(using: &random).prefix(Int.random(in: 1...6, using: &random)).map { word -> Field in
            Field(
                name: word.filter { $0.isASCII && $0.isLetter || $0 == "_" } + "_f", column: word,
                type: Self.types.randomElement(using: &random) ?? .text,
                isRequired: Bool.random(using: &random))
        }
        let key: [Int]
        switch Int.random(in: 0...3, using: &random) {
        case 0:
            fields.insert(Field(name: "id", column: "id", type: .uuid, isRequired: true, isGenerated: true), at: 0)
            key = [0]
        case 1:
            fields.append(
                Field(
                    name: "number", column: "number", type: Bool.random(using: &random) ? .integer : .bigint, isRequired: true,
                    isGenerated: true))
            key = [fields.count - 1]
        default:
            let possible = fields.indices.filter { fields[$0].type.canBeKey }
            guard !possible.isEmpty else { return entity(name) }
            key = Array(possible.shuffled(using: &random).prefix(Int.random(in: 1...2, using: &random)))
            for field in key { fields[field].isRequired = true }
        }
        let table = Bool.random(using: &random) ? DerivedName.table(of: name) : "the \"\(name)\" table"
        return Entity(name: name, table: table, path: DerivedName.path(of: name), key: key, fields: fields)
    }

    private mutating func addReference(_ source: Int, _ entities: inout [Entity]) {
        let target = entities.indices.randomElement(using: &random) ?? 0
        let number = entities[source].references.count
        let isRequired = Bool.random(using: &random) && target < source
        var fields: [Int] = []
        for (part, key) in entities[target].key.enumerated() {
            let field = entities[target].fields[key]
            let name = "ref\(number)_\(part)"
            entities[source].fields.append(Field(name: name, column: name, type: field.type, isRequired: isRequired))
            fields.append(entities[source].fields.count - 1)
        }
        entities[source].references.append(
            Reference(name: "to\(number)", inverse: nil, target: entities[target].name, fields: Array(fields)))
    }

    private mutating func addIndexes(_ entity: inout Entity) {
        let possible = entity.fields.indices.filter { entity.fields[$0].type.isOrdered }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let fields = Array(possible.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)))
            guard !fields.isEmpty, fields != entity.key, !entity.indexes.contains(fields), !entity.unique.contains(fields) else { continue }
            if Bool.random(using: &random) { entity.unique.append(fields) } else { entity.indexes.append(fields) }
        }
    }
}
