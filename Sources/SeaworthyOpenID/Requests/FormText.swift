/// `application/x-www-form-urlencoded`, in the form that query strings take too: a space is `%20`.
enum FormText {
    static func text(of parameters: [(String, String)]) -> String {
        parameters.map { "\(escaped($0))=\(escaped($1))" }.joined(separator: "&")
    }

    /// All but the unreserved characters of RFC 3986 are escaped.
    static func escaped(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(byte)
            default: result += [UInt8(ascii: "%"), hexadecimal(byte >> 4), hexadecimal(byte & 0xF)]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10
    }
}
