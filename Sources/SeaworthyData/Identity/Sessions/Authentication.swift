/// Who makes a request, and how that was shown.
package struct Authentication: Sendable {
    package var caller: Caller
    package var user: User
    /// The session's id.
    package var session: String
}
