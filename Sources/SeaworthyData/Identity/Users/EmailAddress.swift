import SeaworthySchema

/// An address that mail can be sent to, in the form in which it is stored and compared: all in lower case, since no provider of today tells
/// `Ann@…` from `ann@…`, and people do.
package enum EmailAddress {
    /// Nil for what is no ``MailAddress``, or one whose domain has a single label, but for `localhost`.
    package static func canonical(_ text: String) -> String? {
        guard let address = try? MailAddress(text), address.domain.utf8.contains(UInt8(ascii: ".")) || address.domain == "localhost" else {
            return nil
        }
        return address.canonical.lowercased()
    }
}
