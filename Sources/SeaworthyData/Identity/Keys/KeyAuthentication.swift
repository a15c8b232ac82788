/// Who makes a request with an API key. It is no ``Authentication``, so what is done with an account cannot be done with a key.
package struct KeyAuthentication: Sendable {
    /// The owner, bounded by the key's scopes.
    package var caller: Caller
    package var user: User
    /// The key's id.
    package var key: String
}

/// How somebody showed who they are.
package enum Identified: Sendable {
    case session(Authentication)
    case key(KeyAuthentication)
}
