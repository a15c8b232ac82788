import FoundationEssentials
import SeaworthyQuery
import SeaworthySchema
import SeaworthyStorage

/// Writes rows as JSON objects, from the driver's columns as they stand.
///
/// The members are one flat list of steps without references, because every row goes through all of them.
struct RecordEncoder: Sendable {
    private struct Step: Sendable {
        var action: Action
        /// Where in ``names`` `,"Name":` stands.
        var name: Range<Int>
        /// A column that is true where the caller sees the field; -1 where they always do.
        var seen: Int
    }

    private enum Action: Sendable {
        case field(ColumnForm, column: Int)
        /// A record whose members are the steps up to `end`.
        case one(presence: Int, end: Int)
        /// - Parameter keys: the place in ``keys``.
        case many(plan: Int, keys: Int)
    }

    private var steps: [Step] = []
    private var names: [UInt8] = []
    private var keys: [[Int]] = []

    /// - Parameter offset: how many columns stand before those of the layout.
    init(_ layout: RecordLayout, _ entities: [Entity], offset: Int = 0) {
        add(layout.root, entities, offset)
    }

    private mutating func add(_ node: RecordLayout.Node, _ entities: [Entity], _ offset: Int) {
        let fields = entities[node.entity].fields
        for column in node.fields {
            let field = fields[column.field]
            add(field.name, .field(ColumnForm(field.type), column: column.column + offset), seen: column.seen.map { $0 + offset })
        }
        for link in node.links {
            switch link {
            case .one(let name, let target):
                let place = steps.count
                let presence = (target.presence ?? 0) + offset
                add(name, .one(presence: presence, end: 0))
                add(target, entities, offset)
                steps[place].action = .one(presence: presence, end: steps.count)
            case .many(let name, let children):
                add(name, .many(plan: children.plan, keys: keys.count), seen: children.seen.map { $0 + offset })
                keys.append(children.keys.map { $0 + offset })
            }
        }
    }

    private mutating func add(_ name: String, _ action: Action, seen: Int? = nil) {
        let start = names.count
        names.append(UInt8(ascii: ","))
        names.writeName(name)
        steps.append(Step(action: action, name: start..<names.count, seen: seen ?? -1))
    }

    /// Writes the row without making a value of any of its columns. Where a list belongs that another statement gives, a place is kept.
    func write(_ row: any Row, into buffer: inout [UInt8], _ places: inout ListPlaces) {
        write(0..<steps.count, row, into: &buffer, &places)
    }

    private func write(_ range: Range<Int>, _ row: any Row, into buffer: inout [UInt8], _ places: inout ListPlaces) {
        let start = buffer.count
        var index = range.lowerBound
        while index < range.upperBound {
            let step = steps[index]
            index += 1
            let isSeen = step.seen < 0 || row.integer(step.seen) == 1
            if case .field = step.action, !isSeen { continue }
            let member = buffer.count
            buffer.append(contentsOf: names[step.name])
            if member == start { buffer[member] = UInt8(ascii: "{") }
            switch step.action {
            case .field(let form, let column): buffer.write(row, column, form)
            case .one(let presence, let end):
                if row.isNull(presence) { buffer.write("null") } else { write(index..<end, row, into: &buffer, &places) }
                index = end
            case .many(let plan, let keys):
                buffer.append(UInt8(ascii: "["))
                if isSeen { places.keep(at: buffer.count, plan: plan, key: self.keys[keys], row) }
                buffer.append(UInt8(ascii: "]"))
            }
        }
        if buffer.count == start { buffer.append(UInt8(ascii: "{")) }
        buffer.append(UInt8(ascii: "}"))
    }
}

/// Writes a record from its values as a JSON object.
struct ValueEncoder: Sendable {
    private let names: [[UInt8]]
    private let types: [FieldType]

    init(_ entity: Entity) {
        names = entity.fields.map { field in
            var bytes: [UInt8] = []
            bytes.writeName(field.name)
            return bytes
        }
        types = entity.fields.map(\.type)
    }

    /// - Parameter fields: those to write, in the entity's order.
    func write(_ record: [Value], fields: Set<Int>, into buffer: inout [UInt8]) {
        var separator = UInt8(ascii: "{")
        for index in names.indices where fields.contains(index) {
            buffer.append(separator)
            separator = UInt8(ascii: ",")
            buffer.append(contentsOf: names[index])
            types[index].write(record[index], into: &buffer)
        }
        if separator == UInt8(ascii: "{") { buffer.append(separator) }
        buffer.append(UInt8(ascii: "}"))
    }
}
