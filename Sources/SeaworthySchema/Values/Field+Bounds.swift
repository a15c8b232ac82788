extension Field {
    /// The value that a JSON value stands for, within the field's bounds.
    package func value(from json: JSONValue) throws(ValueProblem) -> Value {
        let value = try type.value(from: json)
        try checkBounds(value)
        return value
    }

    /// Throws when the value is outside of the field's length, range or pattern. Null is not looked at.
    package func checkBounds(_ value: Value) throws(ValueProblem) {
        switch value {
        case .null: return
        case .integer, .double: try checkRange(value)
        case .bytes(let bytes): try checkLength(bytes.count, unit: "bytes")
        case .text(let text):
            if case .array = type {
                guard maxLength != nil || minLength != nil, let json = try? JSONParser.parse(text), case .array(let elements) = json else {
                    return
                }
                return try checkLength(elements.count, unit: "elements")
            }
            try checkRange(value)
            // The bytes are never fewer than the scalars, so most texts need no count.
            if let maxLength, text.utf8.count > maxLength || minLength != nil {
                try checkLength(text.unicodeScalars.count, unit: "characters")
            } else if minLength != nil {
                try checkLength(text.unicodeScalars.count, unit: "characters")
            }
            if let pattern, !pattern.matches(text) {
                throw ValueProblem(.patternMismatch, "does not match the pattern \(pattern.source)")
            }
        }
    }

    private func checkLength(_ length: Int, unit: String) throws(ValueProblem) {
        if let maxLength, length > maxLength {
            throw ValueProblem(.tooLong, "has \(length) \(unit); at most \(maxLength) are allowed")
        }
        if let minLength, length < minLength {
            throw ValueProblem(.tooShort, "has \(length) \(unit); at least \(minLength) are required")
        }
    }

    private func checkRange(_ value: Value) throws(ValueProblem) {
        if let minimum, value.isOrdered(before: minimum) {
            throw ValueProblem(.outOfRange, "is less than the minimum \(type.json(minimum).compactText)")
        }
        if let maximum, maximum.isOrdered(before: value) {
            throw ValueProblem(.outOfRange, "is more than the maximum \(type.json(maximum).compactText)")
        }
    }
}

extension Value {
    /// Whether this is smaller than another value of the same field, as the database orders them: numbers by value, text by code
    /// point, bytes by value. Null is neither smaller nor larger here.
    package func isOrdered(before other: Value) -> Bool {
        switch (self, other) {
        case (.integer(let a), .integer(let b)): a < b
        case (.double(let a), .double(let b)): a < b
        case (.text(let a), .text(let b)): a.precedes(b)
        case (.bytes(let a), .bytes(let b)): a.lexicographicallyPrecedes(b)
        default: false
        }
    }
}
