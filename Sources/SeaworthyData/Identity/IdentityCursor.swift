import SeaworthySchema

/// The position in a list about identities. It holds nothing that its reader has not been sent with the page, so it is not encrypted.
package enum IdentityCursor {
    package static func text(_ last: String) -> String { Base64URL.text(of: Array(last.utf8)) }

    package static func last(in text: String) -> String? {
        guard text.utf8.count <= 512, let bytes = Base64URL.bytes(of: text) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
