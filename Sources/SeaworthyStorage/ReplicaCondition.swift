/// How a copy of the database is that answers reads.
package struct ReplicaCondition: Sendable, Equatable {
    /// As in metrics, such as `replica-1`.
    package var name: String
    /// How far it is behind the primary, at least; nil when it does not answer, or is none.
    package var lag: Duration?
    /// Whether reads go to it.
    package var isUsed: Bool

    package init(name: String, lag: Duration?, isUsed: Bool) {
        self.name = name
        self.lag = lag
        self.isUsed = isUsed
    }
}
