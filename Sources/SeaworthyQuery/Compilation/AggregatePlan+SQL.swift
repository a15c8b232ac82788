package import SeaworthySQL
import SeaworthySchema

extension AggregatePlan {
    /// All entities, and behind them the one whose records are the rows.
    private var entities: [Entity] { model.entities + [row] }

    /// The tables that the records are read from.
    private var scope: QueryScope {
        var scope = records.countScope
        for group in groups { scope.join(group.path.steps) }
        for measure in measures { if let path = measure.path { scope.join(path.steps) } }
        return scope
    }

    /// The rows, as what stands behind the outer FROM.
    private var rowScope: QueryScope { QueryScope(model.entities.count, entities) }

    /// The shape and parameters of the statement.
    package var shape: PlanShape {
        var shape = PlanShape()
        let scope = scope
        shape.mark(.aggregate)
        shape.mark(records.position)
        shape.add(scope)
        shape.mark(groups.count)
        for group in groups {
            shape.add(group.path, scope)
            shape.mark(group.part.map(\.number) ?? 0)
        }
        shape.mark(measures.count)
        for measure in measures {
            shape.mark(measure.function.number)
            if let path = measure.path { shape.add(path, scope) } else { shape.mark(.first) }
        }
        shape.add(records.filter, scope)
        records.addSearch(to: &shape, scope)
        shape.mark(.rule)
        shape.add(having, rowScope)
        for key in sort {
            shape.mark(key.isDescending ? .descending : .sort)
            shape.add(key.path, rowScope)
        }
        // One more than asked for tells whether there is a next page.
        shape.bind(.integer(Int64(limit + 1)))
        shape.mark(page == nil ? .first : .offset)
        if let page { shape.bind(.integer(Int64((page - 1) * limit))) }
        return shape
    }

    package func sql(_ dialect: any Dialect) -> String {
        var writer = SQLWriter(entities, dialect: dialect)
        let frame = writer.frame(scope)
        let tables = writer.tables(frame)
        var columns: [String] = []
        for group in groups {
            let column = writer.column(group.path, frame)
            columns.append(group.part.map { dialect.datePart($0, of: column, field(at: group.path)) } ?? column)
        }
        for measure in measures { columns.append(expression(measure, &writer, frame)) }
        let outer = SQLWriter.Frame(scope: rowScope, names: [writer.alias()])
        let names = row.fields.map { dialect.quoted($0.column) }
        let inner = zip(columns, names).map { "\($0) AS \($1)" }.joined(separator: ", ")
        writer.write("SELECT \(names.joined(separator: ", ")) FROM (SELECT \(inner) FROM \(tables) WHERE ")
        writer.write(writer.condition(records.filter, frame))
        _ = records.writeSearch(&writer, frame)
        if !groups.isEmpty { writer.write(" GROUP BY " + groups.indices.map { String($0 + 1) }.joined(separator: ", ")) }
        writer.write(") AS \(outer.names[0])")
        if having != .all([]) { writer.write(" WHERE " + writer.condition(having, outer)) }
        if !sort.isEmpty {
            var keys: [String] = []
            for key in sort { keys.append(key.sql(column: writer.column(key.path, outer), in: row)) }
            writer.write(" ORDER BY " + keys.joined(separator: ", "))
        }
        writer.write(" LIMIT \(writer.parameter(.integer))")
        if page != nil { writer.write(" OFFSET \(writer.parameter(.integer))") }
        return writer.text
    }

    private func field(at path: FieldPath) -> FieldType {
        model.entities[model.end(of: path.steps, from: records.position)].fields[path.field].type
    }

    private func expression(_ measure: AggregateRequest.Measure, _ writer: inout SQLWriter, _ frame: SQLWriter.Frame) -> String {
        guard let path = measure.path else { return "count(*)" }
        let column = writer.column(path, frame)
        let (dialect, type) = (writer.dialect, field(at: path))
        switch measure.function {
        case .count: return "count(\(column))"
        case .countDistinct: return "count(DISTINCT \(column))"
        case .sum: return dialect.sum(of: column, type)
        case .avg:
            guard case .decimal(let precision, let scale) = type else { return dialect.average(of: column, type) }
            return dialect.roundedAverage(
                of: column, scale: scale, furtherDigits: FieldType.furtherAverageDigits(precision: precision))
        case .min: return dialect.extreme(.least, of: column, type)
        case .max: return dialect.extreme(.largest, of: column, type)
        }
    }
}

extension DatePart {
    fileprivate var number: Int {
        switch self {
        case .year: 1
        case .quarter: 2
        case .month: 3
        case .week: 4
        case .day: 5
        case .hour: 6
        }
    }
}

extension AggregateRequest.Function {
    fileprivate var number: Int {
        switch self {
        case .count: 1
        case .sum: 2
        case .avg: 3
        case .min: 4
        case .max: 5
        case .countDistinct: 6
        }
    }
}
