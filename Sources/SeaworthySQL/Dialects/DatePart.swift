package import SeaworthySchema

/// A part of a date or timestamp, in UTC, that records are grouped by. Every form sorts as the time does.
package enum DatePart: String, Sendable, CaseIterable {
    /// `2024`, a number.
    case year
    /// `2024-Q1`.
    case quarter
    /// `2024-01`.
    case month
    /// `2024-W05`: the week of ISO 8601, which belongs to the year that has its Thursday.
    case week
    /// `2024-01-31`.
    case day
    /// `2024-01-31T13`.
    case hour

    /// The type of the part's values; nil where a field of this type has no such part.
    package func type(of field: FieldType) -> FieldType? {
        guard field == .timestamp || (field == .date && self != .hour) else { return nil }
        return switch self {
        case .year: .integer
        case .day: .date
        case .quarter, .month, .week, .hour: .string
        }
    }
}
