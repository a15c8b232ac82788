package import SeaworthySchema

/// The place of one row in an order: its values of the sort keys, as bytes that a cursor carries sealed.
package enum CursorPosition {

    package static func encode(_ values: [Value]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 16)
        for value in values {
            switch value {
            case .null: bytes.append(0)
            case .integer(let number):
                bytes.append(1)
                bytes.append(number: UInt64(bitPattern: number))
            case .double(let number):
                bytes.append(2)
                bytes.append(number: number.bitPattern)
            case .text(let text):
                bytes.append(3)
                bytes.append(number: UInt64(text.utf8.count))
                bytes.append(contentsOf: text.utf8)
            case .bytes(let data):
                bytes.append(4)
                bytes.append(number: UInt64(data.count))
                bytes.append(contentsOf: data)
            }
        }
        return bytes
    }

    /// Nil when the bytes are not `count` values.
    package static func decode(_ bytes: [UInt8], count: Int) -> [Value]? {
        var rest = bytes[...]
        var values: [Value] = []
        for _ in 0..<count {
            guard let tag = rest.popFirst() else { return nil }
            if tag == 0 {
                values.append(.null)
                continue
            }
            guard let number = rest.popNumber() else { return nil }
            switch tag {
            case 1: values.append(.integer(Int64(bitPattern: number)))
            case 2: values.append(.double(Double(bitPattern: number)))
            case 3, 4:
                guard number <= UInt64(rest.count) else { return nil }
                let data = rest.prefix(Int(number))
                rest = rest.dropFirst(Int(number))
                if tag == 4 {
                    values.append(.bytes(Array(data)))
                } else if let text = String(validating: data, as: UTF8.self) {
                    values.append(.text(text))
                } else {
                    return nil
                }
            default: return nil
            }
        }
        return rest.isEmpty ? values : nil
    }
}

extension [UInt8] {
    fileprivate mutating func append(number: UInt64) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func popNumber() -> UInt64? {
        guard count >= 8 else { return nil }
        let number = prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self = dropFirst(8)
        return number
    }
}
