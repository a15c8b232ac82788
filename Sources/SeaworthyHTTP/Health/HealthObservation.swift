/// What was found of one thing that the server depends on or lives from: an element of `checks` (draft-inadarei-api-health-check).
package struct HealthObservation: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
        case integer(Int)
        /// Left out of the answer unless it is finite.
        case number(Double)
        case text(String)
    }

    /// What and of it what: `redis:responseTime`.
    package var name: String
    /// Which of several of its kind, such as `replica-1`: `componentId`. Nil where there is one.
    package var component: String?
    package var status: HealthStatus
    /// Nil leaves it out; but how long a timed probe took stands here by itself.
    package var value: Value?
    /// Of the value, such as `bytes`.
    package var unit: String?
    /// For operators, in one sentence; never a secret, nor what a dependency answered.
    package var output: String?

    package init(
        _ name: String, of component: String? = nil, _ status: HealthStatus = .pass, value: Value? = nil, unit: String? = nil,
        output: String? = nil
    ) {
        self.name = name
        self.component = component
        self.status = status
        self.value = value
        self.unit = unit
        self.output = output
    }
}
