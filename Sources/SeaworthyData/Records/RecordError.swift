/// Why an operation on records was refused.
package struct RecordError: Error, Sendable {
    /// Stable codes; never reused.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let rawValue: String
        package var description: String { rawValue }

        /// No record with this key, or none that the caller may see.
        package static let notFound = Code(rawValue: "record_not_found")
        /// The caller is not signed in and may not even read.
        package static let unauthenticated = Code(rawValue: "unauthenticated")
        package static let forbidden = Code(rawValue: "forbidden")
        /// The key in the path does not have the form of the entity's key.
        package static let invalidKey = Code(rawValue: "invalid_key")
        /// The record breaks rules of its fields; ``RecordError/problems`` has every one.
        package static let invalidRecord = Code(rawValue: "invalid_record")
        /// Another record has the same unique value.
        package static let uniqueConflict = Code(rawValue: "unique_conflict")
        /// A reference of the record points at nothing.
        package static let referenceNotFound = Code(rawValue: "reference_not_found")
        /// A deleted record has this key; it can be restored or purged.
        package static let deletedRecordExists = Code(rawValue: "deleted_record_exists")
        /// A batch answers with more, or takes longer, than one request may.
        package static let batchTooLarge = Code(rawValue: "batch_too_large")
        /// The record to restore is not deleted.
        package static let notDeleted = Code(rawValue: "record_not_deleted")
        /// The record is not, or no longer, the one that the request's condition names.
        package static let preconditionFailed = Code(rawValue: "precondition_failed")
        /// Other records point at this one.
        package static let referenced = Code(rawValue: "record_referenced")
        /// Deleting would take more records along than one request may.
        package static let cascadeTooLarge = Code(rawValue: "cascade_too_large")
        /// The sequence of generated keys is at its end, 2^53−1.
        package static let keysExhausted = Code(rawValue: "keys_exhausted")
        /// The entity is a view.
        package static let readOnlyEntity = Code(rawValue: "read_only_entity")

        package static let all: [Code] = [
            notFound, unauthenticated, forbidden, invalidKey, invalidRecord, uniqueConflict, referenceNotFound, deletedRecordExists,
            notDeleted, batchTooLarge, preconditionFailed, referenced, cascadeTooLarge,
            keysExhausted, readOnlyEntity,
        ]
    }

    package var code: Code
    package var detail: String
    package var problems: [RecordProblem]

    package init(_ code: Code, _ detail: String, problems: [RecordProblem] = []) {
        self.code = code
        self.detail = detail
        self.problems = problems
    }
}

/// One thing that is wrong with a record.
package struct RecordProblem: Sendable, Equatable {
    /// Codes besides those of ``ValueProblem/Code``.
    package enum Code {
        package static let unknownField = "unknown_field"
        package static let generated = "generated_field"
        package static let readOnly = "read_only_field"
        package static let immutable = "immutable_field"
        package static let reservedKey = "reserved_key"
        package static let checkFailed = "check_failed"
        package static let wrongType = "wrong_type"
        package static let relation = "relation_not_writable"
        package static let tooManyRecords = "too_many_records"
        package static let unique = "unique_conflict"
        package static let reference = "reference_not_found"
        package static let referenced = "record_referenced"

        package static let all = [
            unknownField, generated, readOnly, immutable, reservedKey, checkFailed, wrongType, relation, tooManyRecords, unique, reference,
            referenced,
        ]
    }

    /// A JSON Pointer (RFC 6901) into the record; empty for the record as a whole.
    package var pointer: String
    package var code: String
    package var detail: String

    package init(pointer: String, code: String, detail: String) {
        self.pointer = pointer
        self.code = code
        self.detail = detail
    }
}
