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
        case all, any, not, compare, compareField, compareUser, isNull, isNotNull, isIn, isInJSON, text, has, related
        case list, count, search, relevance, sort, descending, after, afterNull, afterValue, offset, first
        case insert, update, change, evaluate, children, aggregate
        case own, joined, lookedUp, rule, noRule, join, flag, seen
    }

    /// The shape of a statement that inserts these fields and asks rules of the record.
    static func insert(_ fields: [Int], asking rules: [Filter], _ scope: QueryScope) -> PlanShape {
        write(.insert, fields, rules, scope)
    }

    /// The shape of a statement that sets these fields and asks rules of the record.
    static func update(_ fields: [Int], asking rules: [Filter], _ scope: QueryScope) -> PlanShape {
        write(.update, fields, rules, scope)
    }

    /// The shape of a statement that reads a record and asks rules of it.
    static func change(asking rules: [Filter], _ scope: QueryScope) -> PlanShape {
        write(.change, [], rules, scope)
    }

    /// The shape of a statement that asks rules of a record that is not there yet.
    static func evaluate(_ rules: [Filter], _ scope: QueryScope) -> PlanShape {
        write(.evaluate, [], rules, scope)
    }

    private static func write(_ tag: Tag, _ fields: [Int], _ rules: [Filter], _ scope: QueryScope) -> PlanShape {
        var shape = PlanShape()
        shape.mark(tag)
        shape.mark(fields.count)
        for field in fields { shape.mark(field) }
        shape.mark(rules.count)
        for rule in rules { shape.add(rule, scope) }
        return shape
    }

    // MARK: Tables

    /// The tables of a scope, in the order in which ``SQLWriter`` writes them.
    mutating func add(_ scope: QueryScope) {
        mark(scope.joins.count)
        for (index, join) in scope.joins.enumerated() {
            mark(.join)
            mark(join.parent)
            guard let step = join.steps.last else { continue }
            add(step, start: scope.alone(join.parent), end: scope.alone(index + 1))
        }
    }

    private mutating func add(_ step: RelationStep, start: QueryScope, end: QueryScope) {
        mark(step.relation)
        add(rule: step.rule, end)
        add(rule: step.guardRule, start)
    }

    private mutating func add(rule: Filter?, _ scope: QueryScope) {
        guard let rule else { return mark(.noRule) }
        mark(.rule)
        add(rule, scope)
    }

    // MARK: Columns

    mutating func add(_ path: FieldPath, _ scope: QueryScope) {
        guard !path.isOwn else {
            mark(.own)
            return mark(path.field)
        }
        let (count, source) = scope.joinedPrefix(of: path.steps)
        guard count < path.steps.count else {
            mark(.joined)
            mark(source)
            return mark(path.field)
        }
        mark(.lookedUp)
        mark(source)
        let step = path.steps[count]
        let end = QueryScope(scope.entities[scope.entity(of: source)].relations[step.relation].target, scope.entities)
        add(step, start: scope.alone(source), end: end)
        add(FieldPath(path.field, through: Array(path.steps[(count + 1)...])), end)
    }

    // MARK: Conditions

    mutating func add(_ filter: Filter, _ scope: QueryScope) {
        switch filter {
        case .all(let parts):
            mark(.all)
            mark(parts.count)
            for part in parts { add(part, scope) }
        case .any(let parts):
            mark(.any)
            mark(parts.count)
            for part in parts { add(part, scope) }
        case .not(let part):
            mark(.not)
            add(part, scope)
        case .compare(let path, let comparison, .value(let value)):
            mark(.compare)
            add(path, scope)
            mark(comparison.number)
            bind(value)
        case .compare(let path, let comparison, .field(let other)):
            mark(.compareField)
            add(path, scope)
            mark(comparison.number)
            add(other, scope)
        case .compare(_, _, .user): mark(.compareUser)
        case .isNull(let path, let expected):
            mark(expected ? .isNull : .isNotNull)
            add(path, scope)
        case .isIn(let path, let values):
            switch ListForm(values) {
            case .parameters(0):
                mark(.isIn)
                mark(0)
            case .parameters(let count):
                mark(.isIn)
                mark(count)
                add(path, scope)
                for index in 0..<count { bind(values[min(index, values.count - 1)]) }
            case .json(let text):
                mark(.isInJSON)
                add(path, scope)
                bind(.text(text))
            }
        case .text(let path, let match, let text, let mode):
            mark(.text)
            add(path, scope)
            mark(match.number * 2 + (mode == .sensitive ? 1 : 0))
            bind(.text(mode == .insensitive ? text.uppercased() : text))
        case .has(let path, let element):
            mark(.has)
            add(path, scope)
            bind(element)
        case .related(let steps, let quantifier, let inner): add(steps, quantifier, inner, scope)
        }
    }

    private mutating func add(_ steps: [RelationStep], _ quantifier: Filter.Quantifier, _ inner: Filter, _ scope: QueryScope) {
        mark(.related)
        mark(quantifier.number)
        guard let last = steps.last else { return }
        let before = Array(steps.dropLast())
        let relation = scope.entities[scope.owner(of: steps)].relations[last.relation]
        let end = QueryScope.related(to: relation, inner, scope.entities)
        mark(last.relation)
        add(end)
        for field in relation.fields { add(FieldPath(field, through: before), scope) }
        add(rule: last.rule, end.alone(0))
        add(rule: last.guardRule?.prefixed(by: before), scope)
        add(inner, end)
    }
}

extension Filter.Quantifier {
    var number: Int {
        switch self {
        case .some: 0
        case .every: 1
        case .none: 2
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
