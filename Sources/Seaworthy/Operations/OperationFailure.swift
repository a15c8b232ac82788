/// Why a command could not do what it was asked: a message for people, with the fix. The command line prints it and exits with 1.
package struct OperationFailure: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
