import FoundationEssentials

/// What a receiver says of spans that it took: `ExportTraceServiceResponse`, in which it may refuse some of them.
enum OTLPAnswer {
    /// How many it refused; 0 where it says nothing of it, or what cannot be read.
    static func rejectedSpans(_ body: [UInt8], _ form: OTLPProtocol) -> Int {
        switch form {
        case .protobuf: protobuf(body[...])
        case .json: json(body)
        }
    }

    private struct Document: Decodable {
        struct PartialSuccess: Decodable {
            /// A text by the standard, a number by some.
            enum Count: Decodable {
                case count(Int)

                init(from decoder: any Decoder) throws {
                    let container = try decoder.singleValueContainer()
                    self = .count((try? container.decode(Int.self)) ?? Int((try? container.decode(String.self)) ?? "") ?? 0)
                }
            }

            var rejectedSpans: Count?
        }

        var partialSuccess: PartialSuccess?
    }

    private static func json(_ body: [UInt8]) -> Int {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)),
            case .count(let count)? = document.partialSuccess?.rejectedSpans
        else { return 0 }
        return max(0, count)
    }

    private static func protobuf(_ body: ArraySlice<UInt8>) -> Int {
        guard let inner = ProtobufReader.field(1, of: body), case .bytes(let message) = inner,
            case .number(let count)? = ProtobufReader.field(1, of: message)
        else { return 0 }
        return max(0, Int(Int64(bitPattern: count)))
    }
}

/// Finds a field in a message of Protocol Buffers.
private enum ProtobufReader {
    enum Value {
        case number(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    /// The last one of the number, as proto3 has it; nil where there is none, or the message is not well formed.
    static func field(_ wanted: UInt64, of message: ArraySlice<UInt8>) -> Value? {
        var rest = message
        var found: Value?
        while !rest.isEmpty {
            guard let key = varint(&rest), let value = value(ofType: key & 7, &rest) else { return nil }
            if key >> 3 == wanted { found = value }
        }
        return found
    }

    private static func value(ofType type: UInt64, _ rest: inout ArraySlice<UInt8>) -> Value? {
        switch type {
        case 0: return varint(&rest).map { .number($0) }
        case 1, 5:
            let count = type == 1 ? 8 : 4
            guard rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return .bytes(rest.prefix(count))
        case 2:
            guard let length = varint(&rest), length <= rest.count else { return nil }
            defer { rest = rest.dropFirst(Int(length)) }
            return .bytes(rest.prefix(Int(length)))
        default: return nil
        }
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
        }
        return nil
    }
}
