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
