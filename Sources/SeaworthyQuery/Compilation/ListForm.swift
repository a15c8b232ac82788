import SeaworthySchema

/// How the values of `in` are handed to the database.
enum ListForm {
    /// Each value a parameter of its own, their number rounded up to a power of two by repeating the last one.
    case parameters(Int)
    /// All values as one JSON array: however many there are, the statement is the same, so that long lists neither fill the caches of
    /// statements nor make statements long.
    case json(String)

    /// The most values that are parameters of their own.
    static let maximumParameters = 8

    init(_ values: [Value]) {
        guard values.count > Self.maximumParameters, let text = Self.json(values) else {
            self = .parameters(values.count > 1 ? 1 << (Int.bitWidth - (values.count - 1).leadingZeroBitCount) : values.count)
            return
        }
        self = .json(text)
    }

    /// Nil when there are bytes among the values, which JSON does not have.
    private static func json(_ values: [Value]) -> String? {
        var json: [UInt8] = [UInt8(ascii: "[")]
        for (index, value) in values.enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            switch value {
            case .integer(let number): json.write(integer: number)
            case .double(let number): json.write(double: number)
            case .text(let text): json.writeQuoted(text)
            case .null: json.write("null")
            case .bytes: return nil
            }
        }
        json.append(UInt8(ascii: "]"))
        return String(decoding: json, as: UTF8.self)
    }
}
