import SeaworthySchema
import SeededNumbers

@testable import SeaworthyMaintenance

/// Random schemas, changes of them and rows for them, the same for the same seed.
struct RandomSchemas {
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    mutating func next() -> UInt64 { random.next() }

    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    private static let types: [FieldType] = [
        .string, .text, .integer, .bigint, .double, .decimal(precision: 9, scale: 2), .boolean, .date, .timestamp, .uuid, .json, .bytes,
        .enum(["a", "b"]), .array(.integer),
    ]

    /// Types whose every value the other takes, and gives back.
    private static let widenings: [(FieldType, FieldType)] = [
        (.integer, .string), (.integer, .decimal(precision: 18, scale: 2)), (.boolean, .integer), (.boolean, .text), (.date, .string),
        (.date, .timestamp), (.uuid, .text), (.decimal(precision: 9, scale: 2), .decimal(precision: 12, scale: 4)),
        (.enum(["a", "b"]), .string),
        (.json, .text), (.integer, .bigint), (.integer, .double),
    ]

    /// A value of the type, from a small set.
    mutating func value(_ type: FieldType) -> Value {
        switch type {
        case .string, .text, .email, .url: .text(pick(["", "x", "it's", "ä\"--;", "$$"]))
        case .integer, .bigint: .integer(Int64(below(7)) - 3)
        case .double: .double(Double(below(9)) / 4 - 1)
        case .decimal: .integer(Int64(below(2000)) - 1000)
        case .boolean: .integer(Int64(below(2)))
        case .date: .text(pick(["2024-02-29", "1969-12-31"]))
        case .timestamp: .integer(Int64(below(5)) * 86_400_000_000)
        case .uuid: .text("018f0000-0000-7000-8000-00000000000\(below(9))")
        case .enum(let words): .text(pick(words))
        case .json: .text(pick(["{\"a\":1}", "[]", "null"]))
        case .array: .text(pick(["[1,2]", "[]"]))
        case .bytes: .bytes([UInt8(below(256))])
        }
    }

    private mutating func field(_ name: String) -> Field {
        var field = Field(name: name, column: chance(20) ? "c \(name)" : name, type: pick(Self.types))
        field.isRequired = chance(35)
        if field.isRequired { field.defaultValue = .value(value(field.type)) }
        return field
    }

    mutating func schema() -> Schema {
        let names = Array(["A", "B", "C", "D"].prefix(1 + below(4)))
        var entities: [Entity] = []
        for name in names {
            let isCounted = chance(50)
            var fields = [Field(name: "id", column: "id", type: .integer, isRequired: true, isGenerated: isCounted)]
            for number in 0..<below(5) { fields.append(field("f\(number)")) }
            entities.append(Entity(name: name, table: "t_\(name)", path: name.lowercased(), key: [0], fields: fields))
        }
        for index in entities.indices { decorate(&entities[index], names) }
        return Schema(name: "t", entities: entities)
    }

    /// References, indexes, soft deletion.
    private mutating func decorate(_ entity: inout Entity, _ names: [String]) {
        if chance(40) {
            entity.fields.append(Field(name: "ref", column: "ref", type: .integer))
            entity.references = [
                Reference(name: "to", inverse: nil, target: pick(names), fields: [entity.fields.count - 1])
            ]
        }
        if chance(25) {
            var deleted = Field(name: "deletedAt", column: "deletedAt", type: .timestamp)
            deleted.managed = .deletedAt
            entity.fields.append(deleted)
        }
        reindex(&entity)
    }

    private mutating func reindex(_ entity: inout Entity) {
        let ordered = entity.fields.indices.filter { entity.fields[$0].type.isOrdered }
        entity.indexes = chance(50) ? [[pick(ordered)]] : []
        entity.unique = chance(30) ? [[0, pick(ordered.filter { $0 != 0 } + [0])]].filter { Set($0).count == 2 } : []
    }

    /// A schema that another has become.
    mutating func changed(_ old: Schema) -> Schema {
        var entities = old.entities
        if entities.count > 1, chance(20) { entities.remove(at: below(entities.count)) }
        if chance(25) {
            entities.append(
                Entity(
                    name: "N", table: "t_N", path: "n", key: [0], fields: [Field(name: "id", column: "id", type: .uuid, isRequired: true)]))
        }
        for index in entities.indices { change(&entities[index]) }
        let names = Set(entities.map(\.name))
        for index in entities.indices { entities[index].references.removeAll { !names.contains($0.target) || $0.target == "N" } }
        if let index = entities.indices.first(where: { entities[$0].name != "N" }), chance(20) {
            let name = entities[index].name
            (entities[index].renamedFrom, entities[index].name, entities[index].table) = (name, name + "2", "u_\(name)")
            for other in entities.indices {
                for reference in entities[other].references.indices where entities[other].references[reference].target == name {
                    entities[other].references[reference].target = name + "2"
                }
            }
        }
        return Schema(name: "t", entities: entities)
    }

    private mutating func change(_ entity: inout Entity) {
        var dropped: [String] = []
        for index in entity.fields.indices.dropFirst() {
            let isReference = entity.references.contains { $0.fields == [index] }
            var field = entity.fields[index]
            switch below(8) {
            case 0:
                dropped.append(field.name)
                continue
            case 1 where field.managed == nil:
                field.renamedFrom = field.name
                field.name += "r"
                if chance(70) { field.column = field.name }
            case 2 where !isReference && field.managed == nil:
                field.isRequired.toggle()
                field.defaultValue = field.isRequired ? .value(value(field.type)) : nil
            case 3 where !isReference && field.managed == nil:
                guard let pair = Self.widenings.first(where: { $0.0 == field.type }) else { continue }
                field.type = pair.1
                field.defaultValue = field.isRequired ? .value(value(field.type)) : nil
            default: break
            }
            entity.fields[index] = field
        }
        let references = entity.references.map { ($0, entity.fields[$0.fields[0]].name) }
        entity.fields.removeAll { dropped.contains($0.name) }
        entity.references = references.compactMap { reference, name in
            guard let index = entity.fields.firstIndex(where: { $0.name == name }), !chanceOfDrop() else { return nil }
            var reference = reference
            reference.fields = [index]
            return reference
        }
        if chance(40) { entity.fields.append(field("n\(below(100))")) }
        reindex(&entity)
    }

    private mutating func chanceOfDrop() -> Bool { chance(15) }
}
