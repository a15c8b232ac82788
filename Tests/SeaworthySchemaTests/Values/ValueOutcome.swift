import SeaworthySchema

/// What reading a value gave: the value, or the code of the problem.
enum ValueOutcome: Equatable, CustomStringConvertible {
    case value(Value)
    case refused(String)

    static func integer(_ number: Int64) -> Self { .value(.integer(number)) }
    static func text(_ text: String) -> Self { .value(.text(text)) }
    static func refused(_ code: ValueProblem.Code) -> Self { .refused(code.rawValue) }

    init(_ read: () throws(ValueProblem) -> Value) {
        do {
            self = .value(try read())
        } catch {
            self = .refused(error.code.rawValue)
        }
    }

    var description: String {
        switch self {
        case .value(let value): "\(value)"
        case .refused(let code): "refused: \(code)"
        }
    }
}

extension FieldType {
    func outcome(_ json: JSONValue) -> ValueOutcome {
        ValueOutcome { () throws(ValueProblem) in try value(from: json) }
    }

    func outcome(ofText text: String, isFile: Bool = false) -> ValueOutcome {
        ValueOutcome { () throws(ValueProblem) in try value(fromText: text, isFile: isFile) }
    }
}
