/// The text of one SQL statement, made once per shape of request and then shared.
///
/// A class, so that a driver can find the prepared statement by the object's identity instead of hashing hundreds of bytes
/// for each request.
package final class SQLText: Sendable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }
}
