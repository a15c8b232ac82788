package import SeaworthySQL
package import SeaworthySchema

/// What a request for an aggregate asks for: rows of groups and measures over the records that a list would give.
package struct AggregateRequest: Sendable {
    /// The most fields or parts of times to group by.
    package static let maximumGroups = 8
    package static let maximumMeasures = 16

    /// What the records of one row have in common.
    package struct Group: Sendable, Equatable {
        /// As it was asked for, and as the row's member is called: `ShipCountry`, `month(OrderDate)`.
        package var name: String
        package var path: FieldPath
        /// The part of the field that counts; nil for its whole value.
        package var part: DatePart?
        /// The type of the values.
        package var type: FieldType
    }

    /// What is told of the records of one row.
    package struct Measure: Sendable, Equatable {
        /// As it was asked for, and as the row's member is called: `sum(Freight)`.
        package var name: String
        package var function: Function
        /// Nil to count records.
        package var path: FieldPath?
        /// The type of the values.
        package var type: FieldType
    }

    package enum Function: String, Sendable, CaseIterable {
        /// Of records, or of values that are not null.
        case count
        case sum, avg, min, max
        /// Of different values that are not null.
        case countDistinct

        /// The type of the measure of a field; nil where there is none.
        package func type(of field: FieldType) -> FieldType? {
            switch (self, field) {
            case (.count, _): .integer
            case (.countDistinct, _): field.isOrdered ? .integer : nil
            case (.min, _), (.max, _): field.isOrdered ? field : nil
            case (.sum, .decimal(_, let scale)): .decimal(precision: FieldType.largestPrecision, scale: scale)
            case (.avg, .decimal(let precision, let scale)):
                .decimal(
                    precision: FieldType.largestPrecision, scale: scale + FieldType.furtherAverageDigits(precision: precision))
            case (.sum, _): field.isNumber ? field : nil
            case (.avg, _): field.isNumber ? .double : nil
            }
        }
    }

    /// Which records: what `filter`, `search`, `deleted`, `dateFrom` and `dateTo` say. Its limit is that of the rows.
    package var records: ListRequest
    package var groups: [Group]
    package var measures: [Measure]
    /// A condition on the rows; its fields are the groups and behind them the measures, as in ``row``.
    package var having: Filter
    /// As asked, of the same fields; the groups are added by the plan.
    package var sort: [SortKey]
    /// Counted from 1; nil when none was asked for.
    package var page: Int?

    package init(
        records: ListRequest, groups: [Group], measures: [Measure], having: Filter = .all([]), sort: [SortKey] = [], page: Int? = nil
    ) {
        self.records = records
        self.groups = groups
        self.measures = measures
        self.having = having
        self.sort = sort
        self.page = page
    }

    /// The rows as records of an entity: a field for each group, then one for each measure.
    package var row: Entity {
        Self.row(groups, measures)
    }

    static func row(_ groups: [Group], _ measures: [Measure]) -> Entity {
        let columns = groups.map { ($0.name, $0.type, false) } + measures.map { ($0.name, $0.type, $0.isCount) }
        return Entity(
            name: "this aggregate", table: "", path: "", key: [],
            fields: columns.enumerated().map { index, column in
                Field(name: column.0, column: "c\(index)", type: column.1, isRequired: column.2)
            })
    }
}

extension AggregateRequest.Measure {
    /// Never null, and never beyond its type.
    package var isCount: Bool {
        function == .count || function == .countDistinct
    }
}

extension FieldType {
    /// The most digits of a decimal; scaled, they fit 64 bits.
    static let largestPrecision = 18

    /// The digits that the average of decimals has behind their own: four, or fewer where the precision leaves no room for them.
    static func furtherAverageDigits(precision: Int) -> Int {
        min(4, largestPrecision - precision)
    }
}
