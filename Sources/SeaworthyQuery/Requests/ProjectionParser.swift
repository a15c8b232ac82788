import SeaworthySchema

/// Reads `select` and `include`: which fields of which records are sent.
///
/// `include=customer,details(limit:20,sort:-Quantity).product` names relations, dots lead on. `select=OrderID,customer.CompanyName` names
/// fields; one behind a relation includes it, with the fields named only.
struct ProjectionParser {
    /// The most relations from a record to one that is included with it.
    static let maximumDepth = 3
    /// The most relations that one request includes.
    static let maximumIncludes = 24
    /// The most names in `select`, and paths in `include`.
    static let maximumNames = 512
    /// The most fields that one request selects, of all records together that one statement reads: databases give only so many columns.
    static let maximumFields = 1000

    private let model: ReadableModel
    private let position: Int
    private(set) var problems: [QueryProblem] = []
    private var includeCount = 0

    init(_ position: Int, model: ReadableModel) {
        self.position = position
        self.model = model
    }

    /// What is asked of one record.
    private struct Node {
        var entity: Int
        /// Nil when no field is named: then every one is sent.
        var selected: Set<Int>?
        var children: [Child] = []
    }

    private struct Child {
        var relation: Int
        var list: Projection.List?
        /// What stands in parentheses behind it; a path that goes through it again says the same or nothing.
        var options: Substring?
        /// It stands in `include`, so that all of its fields are sent where none is named.
        var isIncluded = false
        var node: Node
    }

    mutating func projection(select: String?, include: String?) -> Projection {
        var root = Node(entity: position)
        if let include { read(include: include, into: &root) }
        if let select { read(select: select, into: &root) }
        let projection = projection(of: root)
        if projection.fieldCount > Self.maximumFields {
            problems.append(
                QueryProblem(
                    .includeTooLarge, parameter: include == nil ? "select" : "include",
                    "would give \(projection.fieldCount) fields; at most \(Self.maximumFields) are given together: use select"))
        }
        return projection
    }

    private func projection(of node: Node) -> Projection {
        let visible = model.entities[node.entity].fields.indices.filter { model.isVisible(node.entity, $0) }
        return Projection(
            entity: node.entity, fields: node.selected.map { selected in visible.filter(selected.contains) } ?? visible,
            includes: node.children.map { Projection.Include(relation: $0.relation, list: $0.list, projection: projection(of: $0.node)) })
    }

    private mutating func refuseNumber(_ parameter: String) {
        problems.append(
            QueryProblem(.invalidParameter, parameter: parameter, "names more than \(Self.maximumNames) things"))
    }

    // MARK: Include

    private mutating func read(include text: String, into root: inout Node) {
        let paths = Self.split(text, at: ",")
        guard paths.count <= Self.maximumNames else { return refuseNumber("include") }
        for path in paths where problems.count < FilterProblem.maximumCount {
            var names = PathNames(position, model: model, parameter: "include")
            add(Self.split(path, at: "."), to: &root, depth: 1, &names)
            problems += names.problems
        }
    }

    private mutating func add(_ segments: [Substring], to node: inout Node, depth: Int, _ names: inout PathNames) {
        guard let segment = segments.first else { return }
        let name = segment.prefix { $0 != "(" }
        guard let index = child(named: name, of: &node, depth: depth, &names) else { return }
        node.children[index].isIncluded = true
        if name.endIndex < segment.endIndex {
            options(segment[name.endIndex...], of: &node.children[index], &names)
        }
        add(Array(segments.dropFirst()), to: &node.children[index].node, depth: depth + 1, &names)
    }

    /// The child of a relation, made where it is not there yet.
    private mutating func child(named name: Substring, of node: inout Node, depth: Int, _ names: inout PathNames) -> Int? {
        guard let relation = names.relation(named: name, of: node.entity) else {
            if names.field(named: name, of: node.entity) != nil {
                names.refuse("«\(String(name).excerpt)» is a field, which leads to no record")
            } else {
                names.report(unknown: name, of: node.entity, isRelation: true)
            }
            return nil
        }
        if let known = node.children.firstIndex(where: { $0.relation == relation }) { return known }
        guard depth <= Self.maximumDepth else {
            names.refuse("leads through more than \(Self.maximumDepth) relations")
            return nil
        }
        includeCount += 1
        guard includeCount <= Self.maximumIncludes else {
            if includeCount == Self.maximumIncludes + 1 { names.refuse("names more than \(Self.maximumIncludes) relations") }
            return nil
        }
        let target = model.entities[node.entity].relations[relation]
        node.children.append(
            Child(relation: relation, list: target.isToMany ? Projection.List() : nil, node: Node(entity: target.target)))
        return node.children.count - 1
    }

    /// `(limit:20,sort:-Quantity,sort:ProductID)`.
    private mutating func options(_ text: Substring, of child: inout Child, _ names: inout PathNames) {
        guard text.last == ")", !text.dropFirst().dropLast().contains(where: { $0 == "(" || $0 == ")" }) else {
            return names.refuse("«\(String(text).excerpt)» is not closed by one «)»")
        }
        guard child.list != nil else { return names.refuse("limit and sort are for relations to many records") }
        guard child.options == nil || child.options == text else {
            return names.refuse("gives «\(String(child.options ?? "").excerpt)» and «\(String(text).excerpt)» for one relation")
        }
        child.options = text
        var sort: [Substring] = []
        var hasLimit = false
        for option in text.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false) {
            let parts = option.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            switch (parts.first, parts.count) {
            case ("limit", 2):
                guard !hasLimit, let limit = WholeNumber.parse(parts[1]), (1...Projection.List.maximumLimit).contains(limit) else {
                    names.refuse("the limit of an include is one whole number between 1 and \(Projection.List.maximumLimit)")
                    continue
                }
                hasLimit = true
                child.list?.limit = limit
            case ("sort", 2): sort.append(parts[1])
            default: names.refuse("«\(String(option).excerpt)» is neither limit:… nor sort:…")
            }
        }
        guard !sort.isEmpty else { return }
        var sorted = PathNames(child.node.entity, model: model, parameter: "include")
        child.list?.sort = sorted.sortKeys(sort)
        problems += sorted.problems
    }

    /// Splits where no parenthesis is open.
    private static func split(_ text: some StringProtocol, at separator: Character) -> [Substring] {
        var parts: [Substring] = []
        var depth = 0
        let text = Substring(text)
        var start = text.startIndex
        for index in text.indices {
            switch text[index] {
            case "(": depth += 1
            case ")": depth -= 1
            case separator where depth <= 0:
                parts.append(text[start..<index])
                start = text.index(after: index)
            default: break
            }
        }
        return parts + [text[start...]]
    }

    // MARK: Select

    private mutating func read(select text: String, into root: inout Node) {
        root.selected = []
        let names = text.split(separator: ",", omittingEmptySubsequences: false)
        guard names.count <= Self.maximumNames else { return refuseNumber("select") }
        for name in names where problems.count < FilterProblem.maximumCount {
            var names = PathNames(position, model: model, parameter: "select")
            select(name.split(separator: ".", omittingEmptySubsequences: false), whole: name, in: &root, depth: 1, &names)
            problems += names.problems
        }
    }

    private mutating func select(
        _ segments: [Substring], whole: Substring, in node: inout Node, depth: Int, _ names: inout PathNames
    ) {
        guard let segment = segments.first else { return }
        guard segments.count > 1 else {
            guard let field = names.field(named: segment, of: node.entity) else {
                if names.relation(named: segment, of: node.entity) != nil {
                    names.refuse("«\(String(whole).excerpt)» leads to records; name a field of theirs behind it, or use include")
                } else {
                    names.report(unknown: segment, of: node.entity)
                }
                return
            }
            if !(node.selected ?? []).contains(field) {
                node.selected = (node.selected ?? []).union([field])
            } else {
                names.refuse("names \(String(whole).excerpt) twice")
            }
            return
        }
        guard let index = child(named: segment, of: &node, depth: depth, &names) else { return }
        if !node.children[index].isIncluded, node.children[index].node.selected == nil { node.children[index].node.selected = [] }
        select(Array(segments.dropFirst()), whole: whole, in: &node.children[index].node, depth: depth + 1, &names)
    }
}
