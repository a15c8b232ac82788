/// One thing in the schema file that is wrong, or, as a warning, that will be slow.
package struct SchemaProblem: Sendable, Equatable, CustomStringConvertible {
    package enum Severity: String, Sendable {
        case error, warning
    }

    package var severity: Severity
    package var code: Code
    /// As it was named to the parser.
    package var file: String
    package var place: SourcePlace
    /// Where in the model: `entities.Order.fields.Freight.scale`. Empty for the document itself.
    package var path: String
    /// What is wrong, with the offending text in «».
    package var message: String
    /// What to write instead. A sentence that follows «Fix: ».
    package var fix: String

    package var line: Int { place.line }
    package var column: Int { place.column }

    /// `seaworthy.yaml:12:7: error: … Fix: …`, the form that editors and CI logs make clickable.
    package var description: String {
        let subject = path.isEmpty ? "" : "\(path): "
        return "\(file):\(line):\(column): \(severity.rawValue): \(subject)\(message) Fix: \(fix)"
    }
}

extension SchemaProblem {
    /// Stable codes of what can be wrong in a schema file; never reused.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let rawValue: String
        package var description: String { rawValue }

        /// Not YAML, or YAML that has no place in a schema: tags, a key that is no plain text.
        package static let invalidYAML = Code(rawValue: "invalid_yaml")
        package static let emptyDocument = Code(rawValue: "empty_document")
        package static let multipleDocuments = Code(rawValue: "multiple_documents")
        package static let duplicateKey = Code(rawValue: "duplicate_key")
        /// Nested too deep, or aliases that expand to too much.
        package static let tooComplex = Code(rawValue: "too_complex")
        package static let unknownKey = Code(rawValue: "unknown_key")
        package static let missingKey = Code(rawValue: "missing_key")
        /// Part of the language, not of this version.
        package static let notSupported = Code(rawValue: "not_supported")
        package static let wrongType = Code(rawValue: "wrong_type")
        package static let outOfRange = Code(rawValue: "out_of_range")
        /// A known key in a place where it means nothing.
        package static let notApplicable = Code(rawValue: "not_applicable")
        package static let invalidName = Code(rawValue: "invalid_name")
        package static let reservedName = Code(rawValue: "reserved_name")
        package static let nameCollision = Code(rawValue: "name_collision")
        package static let unknownType = Code(rawValue: "unknown_type")
        package static let unknownEntity = Code(rawValue: "unknown_entity")
        package static let unknownField = Code(rawValue: "unknown_field")
        package static let unknownRole = Code(rawValue: "unknown_role")
        /// The same thing twice in one list.
        package static let duplicateEntry = Code(rawValue: "duplicate_entry")
        package static let invalidPattern = Code(rawValue: "invalid_pattern")
        package static let invalidValues = Code(rawValue: "invalid_values")
        package static let invalidDefault = Code(rawValue: "invalid_default")
        package static let invalidBound = Code(rawValue: "invalid_bound")
        package static let invalidKey = Code(rawValue: "invalid_key")
        package static let invalidReference = Code(rawValue: "invalid_reference")
        package static let typeMismatch = Code(rawValue: "type_mismatch")
        package static let requiredCycle = Code(rawValue: "required_cycle")
        package static let invalidFilter = Code(rawValue: "invalid_filter")
        /// Two keys that cannot both hold.
        package static let contradiction = Code(rawValue: "contradiction")
        /// A warning: a reference or rule that no index serves.
        package static let unindexed = Code(rawValue: "unindexed")

        package static let all: [Code] = [
            invalidYAML, emptyDocument, multipleDocuments, duplicateKey, tooComplex, unknownKey, missingKey, notSupported, wrongType,
            outOfRange, notApplicable, invalidName, reservedName, nameCollision, unknownType, unknownEntity, unknownField, unknownRole,
            duplicateEntry,
            invalidPattern, invalidValues, invalidDefault, invalidBound, invalidKey, invalidReference, typeMismatch, requiredCycle,
            invalidFilter, contradiction, unindexed,
        ]
    }
}

/// Why a schema file is refused: every problem at once, in the order of the file.
package struct SchemaError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Never empty.
    package var problems: [SchemaProblem]

    /// One problem a line.
    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
