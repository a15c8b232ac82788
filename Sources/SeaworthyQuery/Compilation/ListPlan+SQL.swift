package import SeaworthySQL
import SeaworthySchema

extension ListPlan {
    /// The tables that the page is read from.
    private var scope: QueryScope {
        var scope = QueryScope(position, model.entities)
        layout.join(to: &scope)
        scope.join(filter)
        for key in sort { scope.join(key.path.steps) }
        for field in searchFields { if let seen = field.seen { scope.join(seen) } }
        return scope
    }

    /// The tables that are needed to count.
    var countScope: QueryScope {
        var scope = QueryScope(position, model.entities)
        scope.join(filter)
        for field in searchFields { if let seen = field.seen { scope.join(seen) } }
        return scope
    }

    /// The shape and parameters of the statement that reads the page.
    package var shape: PlanShape {
        var shape = PlanShape()
        let scope = scope
        shape.mark(.list)
        shape.mark(position)
        shape.add(scope)
        layout.add(to: &shape, scope)
        shape.add(filter, scope)
        addSearch(to: &shape, scope)
        if isByRelevance { shape.mark(.relevance) }
        for key in sort {
            shape.mark(key.isDescending ? .descending : .sort)
            shape.add(key.path, scope)
        }
        switch start {
        case .first: shape.mark(.first)
        case .offset: shape.mark(.offset)
        case .after(let values):
            shape.mark(.after)
            for value in values { shape.mark(value.isNull ? .afterNull : .afterValue) }
            for value in values where !value.isNull { shape.bind(value) }
        }
        // One more than asked for tells whether there is a next page.
        shape.bind(.integer(Int64(limit + 1)))
        if case .offset(let count) = start { shape.bind(.integer(Int64(count))) }
        return shape
    }

    /// The shape and parameters of the statement that counts all records of the list.
    package var countShape: PlanShape {
        var shape = PlanShape()
        let scope = countScope
        shape.mark(.count)
        shape.mark(position)
        shape.add(scope)
        shape.add(filter, scope)
        addSearch(to: &shape, scope)
        return shape
    }

    func addSearch(to shape: inout PlanShape, _ scope: QueryScope) {
        guard !searchTerms.isEmpty else { return }
        shape.mark(.search)
        shape.mark(searchTerms.count)
        shape.mark(searchFields.count)
        for term in searchTerms { shape.bind(.text(term)) }
        for field in searchFields {
            shape.mark(field.field)
            shape.mark(field.seen == nil ? .noRule : .seen)
            if let seen = field.seen { shape.add(seen, scope) }
        }
    }

    package func sql(_ dialect: any Dialect) -> String {
        var writer = SQLWriter(model.entities, dialect: dialect)
        let frame = writer.frame(scope)
        let tables = writer.tables(frame)
        let columns = layout.sql(&writer, frame)
        writer.write("SELECT \(columns) FROM \(tables) WHERE ")
        writer.write(writer.condition(filter, frame))
        let search = writeSearch(&writer, frame)
        var keys: [String] = []
        for key in sort { keys.append(writer.column(key.path, frame, .order)) }
        if case .after(let values) = start {
            writer.write(" AND ")
            writePosition(values, keys, &writer)
        }
        writer.write(" ORDER BY ")
        if isByRelevance { writer.write(score(search) + " DESC, ") }
        writer.write(zip(sort, keys).map { $0.sql(column: $1, in: entity) }.joined(separator: ", "))
        writer.write(" LIMIT \(writer.parameter(.integer))")
        if case .offset = start { writer.write(" OFFSET \(writer.parameter(.integer))") }
        return writer.text
    }

    package func countSQL(_ dialect: any Dialect) -> String {
        var writer = SQLWriter(model.entities, dialect: dialect)
        let frame = writer.frame(countScope)
        let tables = writer.tables(frame)
        writer.write("SELECT count(*) FROM \(tables) WHERE ")
        writer.write(writer.condition(filter, frame))
        _ = writeSearch(&writer, frame)
        return writer.text
    }

    // MARK: Search

    /// For each searched field its weight, and the condition that it contains a term, by term.
    typealias Search = [(weight: Int, matches: [String])]

    /// Every term is contained in some field.
    func writeSearch(_ writer: inout SQLWriter, _ frame: SQLWriter.Frame) -> Search {
        guard !searchTerms.isEmpty else { return [] }
        let terms = searchTerms.map { _ in writer.parameter(.text) }
        let search = searchFields.map { field in
            let column = writer.column(FieldPath(field.field), frame)
            let seen = field.seen.map { "(\(writer.condition($0, frame))) AND " } ?? ""
            return (
                field.weight,
                terms.map { seen + writer.dialect.textMatch(.contains, column: column, parameter: $0, mode: .insensitive) }
            )
        }
        for term in terms.indices {
            writer.write(" AND " + search.map { $0.1[term].inParentheses }.joined(separator: " OR ").inParentheses)
        }
        return search
    }

    /// The summed weight of the fields that contain some term.
    private func score(_ search: Search) -> String {
        search.map { field in
            "CASE WHEN \(field.matches.map(\.inParentheses).joined(separator: " OR ")) THEN \(field.weight) ELSE 0 END"
        }.joined(separator: " + ").inParentheses
    }

    // MARK: Position

    /// The rows behind the given one in the order: for some key it is beyond, and equal in all keys before.
    private func writePosition(_ values: [Value], _ keys: [String], _ writer: inout SQLWriter) {
        let marks = zip(values, sort).map { value, key -> String? in
            guard !value.isNull else { return nil }
            let field = field(of: key)
            return field.form?.isItself(.order) ?? false ? writer.parameter(for: field) : writer.parameter(field.type)
        }
        let isUniform = Set(sort.map(\.isDescending)).count == 1
        if isUniform, sort.count > 1, !sort.contains(where: { $0.isNullable(in: entity) }) {
            // A row value lets the database go straight to the place in an index.
            let values = marks.map { $0 ?? "NULL" }.joined(separator: ", ")
            return writer.write("(\(keys.joined(separator: ", "))) \(sort[0].isDescending ? "<" : ">") (\(values))")
        }
        var alternatives: [String] = []
        for index in sort.indices {
            guard let beyond = beyond(sort[index], keys[index], marks[index]) else { continue }
            let equal = sort.indices.prefix(index).map { previous in
                marks[previous].map { "\(keys[previous]) = \($0)" } ?? "\(keys[previous]) IS NULL"
            }
            alternatives.append((equal + [beyond]).joined(separator: " AND ").inParentheses)
        }
        guard !alternatives.isEmpty else { return writer.write("FALSE") }
        if alternatives.count > 1, let bound = leadingBound(keys[0], marks[0]) { writer.write(bound + " AND ") }
        writer.write(alternatives.joined(separator: " OR ").inParentheses)
    }

    private func field(of key: SortKey) -> Field {
        model.entities[model.end(of: key.path.steps, from: position)].fields[key.path.field]
    }

    /// What follows from all alternatives for the first key, so that the database can start there in an index instead of filtering from
    /// the beginning.
    private func leadingBound(_ column: String, _ mark: String?) -> String? {
        guard let mark, let first = sort.first else { return nil }
        if first.isDescending { return "\(column) <= \(mark)" }
        return first.isNullable(in: entity) ? nil : "\(column) >= \(mark)"
    }

    /// The condition that one field lies behind a value; nil when nothing does.
    private func beyond(_ key: SortKey, _ column: String, _ mark: String?) -> String? {
        guard let mark else {
            // Null is the largest: first when descending, so everything else follows; last when ascending, so nothing does.
            return key.isDescending ? "\(column) IS NOT NULL" : nil
        }
        if key.isDescending { return "\(column) < \(mark)" }
        return key.isNullable(in: entity) ? "(\(column) > \(mark) OR \(column) IS NULL)" : "\(column) > \(mark)"
    }
}

extension String {
    fileprivate var inParentheses: String {
        "(\(self))"
    }
}
