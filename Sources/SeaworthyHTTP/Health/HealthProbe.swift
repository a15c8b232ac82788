/// A question to something the server depends on.
package struct HealthProbe: Sendable {
    /// As in `checks` of the answer, such as `sqlite:responseTime`.
    package let name: String
    /// Without it the server is not ready; without an optional one it is, with `warn`.
    package let isRequired: Bool
    package let timeout: Duration
    /// Returns when all is well, and throws ``Degradation`` when only a part is. Cancelled after the timeout.
    package let probe: @Sendable () async throws -> Void

    /// What is asked answers, and does not do all that it should: a warning, whether or not it is required.
    package struct Degradation: Error {
        /// For whoever asks for the checks.
        package let output: StaticString

        package init(output: StaticString) {
            self.output = output
        }
    }

    package init(
        name: String, isRequired: Bool = true, timeout: Duration = .seconds(2), probe: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.isRequired = isRequired
        self.timeout = timeout
        self.probe = probe
    }
}

/// What a probe found.
struct HealthFinding: Sendable, Equatable {
    enum Outcome: Sendable, Equatable {
        case passed
        case degraded(String)
        case failed
        case timedOut
    }

    let outcome: Outcome
    /// How long the probe took.
    let duration: Duration
    /// When it ended, in milliseconds since 1970, UTC.
    let time: Int
}
