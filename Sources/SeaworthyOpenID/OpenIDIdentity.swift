/// Who a provider says that somebody is.
package struct OpenIDIdentity: Sendable, Hashable {
    /// The provider's own name, an address.
    package var issuer: String
    /// The name of the person at that provider, which never changes and is never given to another.
    package var subject: String

    package init(issuer: String, subject: String) {
        self.issuer = issuer
        self.subject = subject
    }
}
