/// Seals the position that a cursor carries, so that a client can neither read the values in it nor make one up.
///
/// The binding is authenticated data of a ``SecretBox``.
struct CursorCipher: Sendable {
    private let box: SecretBox

    /// The longest position that is sealed: longer ones would make an address that is refused (base64 takes a third more). A page whose last
    /// record has sort values longer than that has no cursor.
    static let maximumPositionBytes = 8 * 1024

    /// The longest text of a cursor that is looked at, in bytes. It is bounded by the URL's length anyway.
    private static let maximumLength = 16 * 1024

    init(secretKeys: [[UInt8]]) {
        box = SecretBox(secretKeys: secretKeys, purpose: "cursor")
    }

    func seal(_ position: [UInt8], binding: [UInt8]) -> String {
        // A page without a cursor is the safe answer where sealing fails.
        box.seal(position, binding: binding) ?? ""
    }

    /// The position; nil when the text is no cursor of this binding and these keys.
    func open(_ text: String, binding: [UInt8]) -> [UInt8]? {
        guard text.utf8.count <= Self.maximumLength else { return nil }
        return box.open(text, binding: binding)
    }
}
