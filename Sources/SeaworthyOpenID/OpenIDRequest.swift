/// A sign-in that has begun: where the person is sent, and what is kept until they come back.
package struct OpenIDRequest: Sendable, Equatable {
    /// The provider's page.
    package var url: String
    package var attempt: OpenIDAttempt
}

/// What belongs to one sign-in, and is kept where only the same browser gets at it: sealed in a cookie, or in a table under a cookie.
package struct OpenIDAttempt: Sendable, Equatable {
    /// 256 random bits that come back with the callback: a callback without them was not begun by this browser.
    package var state: String
    /// 256 random bits that come back inside the ID token, so that a token of another sign-in is worth nothing.
    package var nonce: String
    /// 256 random bits without which the code is worth nothing (RFC 7636). Never shown to the browser in clear.
    package var codeVerifier: String
    /// The address that the provider was told, which the token request repeats.
    package var redirectURI: String

    package init(state: String, nonce: String, codeVerifier: String, redirectURI: String) {
        self.state = state
        self.nonce = nonce
        self.codeVerifier = codeVerifier
        self.redirectURI = redirectURI
    }

    init(redirectURI: String) {
        self.init(state: RandomText.make(), nonce: RandomText.make(), codeVerifier: RandomText.make(), redirectURI: redirectURI)
    }
}
