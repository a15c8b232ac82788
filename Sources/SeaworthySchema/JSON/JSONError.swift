/// Why a text is not JSON that this server accepts (RFC 8259, strict; duplicate members refused).
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        case unexpectedEnd
        case unexpectedCharacter
        case invalidNumber
        case invalidEscape
        case controlCharacter
        case invalidUTF8
        case duplicateMember(String)
        case tooDeep(limit: Int)
        case trailingData
    }

    package var reason: Reason
    /// The byte at which it was seen, counted from 0.
    package var offset: Int

    package var description: String {
        switch reason {
        case .unexpectedEnd: "the JSON ends too early, at byte \(offset)"
        case .unexpectedCharacter: "unexpected character at byte \(offset)"
        case .invalidNumber: "invalid number at byte \(offset)"
        case .invalidEscape: "invalid escape sequence at byte \(offset)"
        case .controlCharacter: "a control character must be escaped, at byte \(offset)"
        case .invalidUTF8: "invalid UTF-8 at byte \(offset)"
        case .duplicateMember(let name): "the member \(JSONValue.string(name).compactText) stands twice in one object, at byte \(offset)"
        case .tooDeep(let limit): "nested deeper than \(limit) levels, at byte \(offset)"
        case .trailingData: "something follows the JSON value, at byte \(offset)"
        }
    }
}
