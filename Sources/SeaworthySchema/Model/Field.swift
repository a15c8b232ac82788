/// One declared field.
package struct Field: Sendable, Equatable {
    package var name: String
    package var column: String
    package var type: FieldType
    package var description: String?
    /// May not be null, and must be given on create unless there is a default or the server makes it.
    package var isRequired: Bool
    /// Made by the server: an integer from a sequence, or a UUIDv7. Never accepted on create.
    package var isGenerated: Bool
    /// Never accepted from a client: it keeps its default or what the database holds.
    package var isReadOnly: Bool
    package var defaultValue: DefaultValue?
    /// The largest length, in Unicode scalars for text, in bytes for `bytes`, in elements for `array`.
    package var maxLength: Int?
    package var minLength: Int?
    /// The smallest and largest value of a number, date or timestamp, both included.
    package var minimum: Value?
    package var maximum: Value?
    package var pattern: Pattern?
    /// The weight of this field in `?search=`; null when it is not searched.
    package var searchWeight: Int?
    /// What of a record's life the server writes here; nil for a field of the application's.
    package var managed: Managed?
    /// How its column is read and written where that is of another type than this server makes; nil where it is not. Known once the database
    /// is open.
    package var form: ColumnForm?
    /// The name that the field had before. Only a migration asks for it, so it is no part of the stored schema.
    package var renamedFrom: String?

    /// What the server itself keeps of a record's life.
    package enum Managed: String, Sendable, CaseIterable {
        case createdAt, updatedAt, createdBy, updatedBy
        case deletedAt, deletedBy

        package static let timestamps: [Managed] = [.createdAt, .updatedAt, .createdBy, .updatedBy]
        package static let softDelete: [Managed] = [.deletedAt, .deletedBy]

        package var type: FieldType {
            switch self {
            case .createdAt, .updatedAt, .deletedAt: .timestamp
            case .createdBy, .updatedBy, .deletedBy: .string
            }
        }
    }

    package init(
        name: String, column: String, type: FieldType, description: String? = nil, isRequired: Bool = false, isGenerated: Bool = false,
        isReadOnly: Bool = false, defaultValue: DefaultValue? = nil, maxLength: Int? = nil, minLength: Int? = nil, minimum: Value? = nil,
        maximum: Value? = nil, pattern: Pattern? = nil, searchWeight: Int? = nil
    ) {
        self.name = name
        self.column = column
        self.type = type
        self.description = description
        self.isRequired = isRequired
        self.isGenerated = isGenerated
        self.isReadOnly = isReadOnly
        self.defaultValue = defaultValue
        self.maxLength = maxLength
        self.minLength = minLength
        self.minimum = minimum
        self.maximum = maximum
        self.pattern = pattern
        self.searchWeight = searchWeight
    }
}

/// What a field gets when a create does not name it.
package enum DefaultValue: Sendable, Equatable {
    case value(Value)
    /// `default: now` on a timestamp or date: the time of the request.
    case now
}
