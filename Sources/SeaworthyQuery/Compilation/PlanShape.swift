package import SeaworthySchema

/// Everything about a plan that its SQL depends on, and nothing that it does not: two plans with the same bytes have the same statement.
///
/// Walking a plan gives the shape and, in the same walk, the parameters in the order in which ``SQLWriter`` numbers them.
package struct PlanShape: Sendable {
    package private(set) var bytes: [UInt8] = []
    package private(set) var parameters: [Value] = []

    package init() {
        bytes.reserveCapacity(64)
        parameters.reserveCapacity(8)
    }

    mutating func mark(_ tag: Tag) {
        bytes.append(tag.rawValue)
    }

    mutating func mark(_ number: Int) {
        // Seven bits a byte, so that no number is cut off and none is taken for two.
        var rest = UInt(bitPattern: number)
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func bind(_ value: Value) {
        parameters.append(value)
    }

    enum Tag: UInt8 {
        case all, any, not, compare, compareField, isNull, isNotNull, isIn, isInJSON, text, has
        case list, count, search, relevance, sort, descending, after, afterNull, afterValue, offset, first
        case read, insert, update
    }

    /// The shape of a statement that reads these fields of one record, under the one rule that the entity has.
    package static func read(_ fields: [Int]) -> PlanShape {
        write(.read, fields)
    }

    /// The shape of a statement that inserts these fields.
    package static func insert(_ fields: [Int]) -> PlanShape {
        write(.insert, fields)
    }

    /// The shape of a statement that sets these fields.
    package static func update(_ fields: [Int]) -> PlanShape {
        write(.update, fields)
    }

    private static func write(_ tag: Tag, _ fields: [Int]) -> PlanShape {
        var shape = PlanShape()
        shape.mark(tag)
        for field in fields { shape.mark(field) }
        return shape
    }

    mutating func add(_ filter: Filter) {
        switch filter {
        case .all(let parts):
            mark(.all)
            mark(parts.count)
            for part in parts { add(part) }
        case .any(let parts):
            mark(.any)
            mark(parts.count)
            for part in parts { add(part) }
        case .not(let part):
            mark(.not)
            add(part)
        case .compare(let field, let comparison, .value(let value)):
            mark(.compare)
            mark(field)
            mark(comparison.number)
            bind(value)
        case .compare(let field, let comparison, .field(let other)):
            mark(.compareField)
            mark(field)
            mark(comparison.number)
            mark(other)
        case .isNull(let field, let expected):
            mark(expected ? .isNull : .isNotNull)
            mark(field)
        case .isIn(let field, let values):
            switch ListForm(values) {
            case .parameters(let count):
                mark(.isIn)
                mark(field)
                mark(count)
                for index in 0..<count { bind(values[min(index, values.count - 1)]) }
            case .json(let text):
                mark(.isInJSON)
                mark(field)
                bind(.text(text))
            }
        case .text(let field, let match, let text, let mode):
            mark(.text)
            mark(field)
            mark(match.number * 2 + (mode == .sensitive ? 1 : 0))
            bind(.text(mode == .insensitive ? text.uppercased() : text))
        case .has(let field, let element):
            mark(.has)
            mark(field)
            bind(element)
        }
    }
}

extension Filter.Comparison {
    var number: Int {
        switch self {
        case .equals: 0
        case .not: 1
        case .gt: 2
        case .gte: 3
        case .lt: 4
        case .lte: 5
        }
    }
}

extension Filter.TextMatch {
    var number: Int {
        switch self {
        case .contains: 0
        case .startsWith: 1
        case .endsWith: 2
        }
    }
}
