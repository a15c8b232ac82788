/// What is wrong with a certificate, or its key.
package struct TLSFault: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Place: Sendable { case certificate, key }

    package let place: Place
    /// What it is not, in words that follow the name of the file.
    package let reason: String
    package let fix: String

    package var description: String { "\(reason); \(fix)" }
}
