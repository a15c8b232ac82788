/// What became of a batch.
package enum ExportOutcome: Sendable, Equatable {
    case delivered
    /// Was lost as a whole, or, with a number, as many of its items.
    case lost(ExportLoss, items: Int? = nil)
}
