import Tracing

enum SpanValues {
    /// What an array holds, each as a value of its own; none for what is no array.
    static func elements(of value: SpanAttribute) -> [SpanAttribute] {
        switch value {
        case .stringArray(let texts): texts.map { .string($0) }
        case .boolArray(let truths): truths.map { .bool($0) }
        case .int32Array(let numbers): numbers.map { .int64(Int64($0)) }
        case .int64Array(let numbers): numbers.map { .int64($0) }
        case .doubleArray(let numbers): numbers.map { .double($0) }
        case .stringConvertibleArray(let some): some.map { .string("\($0)") }
        default: []
        }
    }
}
