package import SeaworthyStorage

/// What is done at the end of a write's transaction with what was made: both are committed, or neither.
package struct WriteEnding<Made: Sendable>: Sendable {
    /// What it throws undoes the write. It is run again where the transaction is.
    let run: @Sendable (_ made: Made, _ transaction: any DatabaseTransaction) async throws -> Void

    package init(_ run: @escaping @Sendable (_ made: Made, _ transaction: any DatabaseTransaction) async throws -> Void) {
        self.run = run
    }
}
