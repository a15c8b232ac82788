package import SeaworthySQL
import SeaworthySchema

extension ListPlan {
    /// The shape and parameters of the statement that reads the page.
    package var shape: PlanShape {
        var shape = PlanShape()
        shape.mark(.list)
        shape.mark(select.count)
        for field in select { shape.mark(field) }
        shape.add(filter)
        addSearch(to: &shape)
        if isByRelevance { shape.mark(.relevance) }
        for key in sort {
            shape.mark(key.isDescending ? .descending : .sort)
            shape.mark(key.field)
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
        shape.mark(.count)
        shape.add(filter)
        addSearch(to: &shape)
        return shape
    }

    private func addSearch(to shape: inout PlanShape) {
        guard !searchTerms.isEmpty else { return }
        shape.mark(.search)
        shape.mark(searchTerms.count)
        shape.mark(searchFields.count)
        for field in searchFields { shape.mark(field) }
        for term in searchTerms { shape.bind(.text(term)) }
    }

    package func sql(_ dialect: any Dialect) -> String {
        var writer = SQLWriter(entity, dialect: dialect)
        let columns = columns.map { writer.column($0) }
        writer.write("SELECT \(columns.isEmpty ? "1" : columns.joined(separator: ", ")) FROM \(writer.table) WHERE ")
        writer.write(filter)
        let terms = writeSearch(&writer)
        if case .after(let values) = start {
            writer.write(" AND ")
            writePosition(values, &writer)
        }
        writer.write(" ORDER BY ")
        if isByRelevance { writer.write(score(terms, writer) + " DESC, ") }
        writer.write(sort.map { order($0, writer) }.joined(separator: ", "))
        writer.write(" LIMIT \(writer.parameter())")
        if case .offset = start { writer.write(" OFFSET \(writer.parameter())") }
        return writer.text
    }

    package func countSQL(_ dialect: any Dialect) -> String {
        var writer = SQLWriter(entity, dialect: dialect)
        writer.write("SELECT count(*) FROM \(writer.table) WHERE ")
        writer.write(filter)
        _ = writeSearch(&writer)
        return writer.text
    }

    /// Every term is contained in some field. Returns the terms' parameters.
    private func writeSearch(_ writer: inout SQLWriter) -> [String] {
        guard !searchTerms.isEmpty else { return [] }
        let terms = searchTerms.map { _ in writer.parameter() }
        for term in terms {
            writer.write(" AND (" + searchFields.map { matches($0, term, writer) }.joined(separator: " OR ") + ")")
        }
        return terms
    }

    private func matches(_ field: Int, _ term: String, _ writer: SQLWriter) -> String {
        writer.dialect.textMatch(.contains, column: writer.column(field), parameter: term, mode: .insensitive)
    }

    /// The summed weight of the fields that contain some term.
    private func score(_ terms: [String], _ writer: SQLWriter) -> String {
        searchFields.map { field in
            let anyTerm = terms.map { matches(field, $0, writer) }.joined(separator: " OR ")
            return "CASE WHEN \(anyTerm) THEN \(entity.fields[field].searchWeight ?? 0) ELSE 0 END"
        }.joined(separator: " + ").inParentheses
    }

    /// Null sorts as the largest value, whatever the database's own habit.
    private func order(_ key: SortKey, _ writer: SQLWriter) -> String {
        let direction = key.isDescending ? " DESC" : ""
        guard isNullable(key.field) else { return writer.column(key.field) + direction }
        return writer.column(key.field) + direction + (key.isDescending ? " NULLS FIRST" : " NULLS LAST")
    }

    private func isNullable(_ field: Int) -> Bool {
        !entity.fields[field].isRequired && !entity.key.contains(field)
    }

    /// The rows behind the given one in the order: for some key it is beyond, and equal in all keys before.
    private func writePosition(_ values: [Value], _ writer: inout SQLWriter) {
        let marks = values.map { $0.isNull ? nil : writer.parameter() }
        let isUniform = Set(sort.map(\.isDescending)).count == 1
        if isUniform, sort.count > 1, !sort.contains(where: { isNullable($0.field) }) {
            // A row value lets the database go straight to the place in an index.
            let columns = sort.map { writer.column($0.field) }.joined(separator: ", ")
            let values = marks.map { $0 ?? "NULL" }.joined(separator: ", ")
            return writer.write("(\(columns)) \(sort[0].isDescending ? "<" : ">") (\(values))")
        }
        var alternatives: [String] = []
        for index in sort.indices {
            guard let beyond = beyond(sort[index], marks[index], writer) else { continue }
            let equal = sort.indices.prefix(index).map { previous in
                let column = writer.column(sort[previous].field)
                return marks[previous].map { "\(column) = \($0)" } ?? "\(column) IS NULL"
            }
            alternatives.append((equal + [beyond]).joined(separator: " AND ").inParentheses)
        }
        guard !alternatives.isEmpty else { return writer.write("0") }
        if alternatives.count > 1, let bound = leadingBound(marks[0], writer) { writer.write(bound + " AND ") }
        writer.write(alternatives.joined(separator: " OR ").inParentheses)
    }

    /// What follows from all alternatives for the first key, so that the database can start there in an index instead of filtering from
    /// the beginning.
    private func leadingBound(_ mark: String?, _ writer: SQLWriter) -> String? {
        guard let mark, let first = sort.first else { return nil }
        if first.isDescending { return "\(writer.column(first.field)) <= \(mark)" }
        return isNullable(first.field) ? nil : "\(writer.column(first.field)) >= \(mark)"
    }

    /// The condition that one field lies behind a value; nil when nothing does.
    private func beyond(_ key: SortKey, _ mark: String?, _ writer: SQLWriter) -> String? {
        let column = writer.column(key.field)
        guard let mark else {
            // Null is the largest: first when descending, so everything else follows; last when ascending, so nothing does.
            return key.isDescending ? "\(column) IS NOT NULL" : nil
        }
        if key.isDescending { return "\(column) < \(mark)" }
        return isNullable(key.field) ? "(\(column) > \(mark) OR \(column) IS NULL)" : "\(column) > \(mark)"
    }
}

extension String {
    fileprivate var inParentheses: String {
        "(\(self))"
    }
}
