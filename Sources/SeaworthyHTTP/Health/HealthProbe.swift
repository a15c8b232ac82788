/// A question to something the server depends on, or lives from.
package struct HealthProbe: Sendable {
    /// As in `checks` of the answer, such as `sqlite:responseTime`.
    package let name: String
    /// Which of several under that name; nil where there is one.
    package let component: String?
    /// Without it the server is not ready; without an optional one it is, with `warn`.
    package let isRequired: Bool
    package let timeout: Duration
    /// How long what it found is good for: those who ask within it are told the same.
    package let lifetime: Duration
    /// Whether how long it takes is what is told under its name, in milliseconds.
    let isTimed: Bool
    let observe: @Sendable () async throws -> [HealthObservation]

    /// What is asked answers, and does not do all that it should: a warning, whether or not it is required.
    package struct Degradation: Error {
        /// For whoever asks for the checks.
        package let output: String

        package init(output: String) {
            self.output = output
        }
    }

    /// A probe whose answer is that it answers, and in what time.
    ///
    /// - Parameter probe: returns when all is well, and throws ``Degradation`` when only a part is. Cancelled after the timeout.
    package init(
        name: String, of component: String? = nil, isRequired: Bool = true, timeout: Duration = .seconds(2),
        lifetime: Duration = .seconds(1),
        probe: @escaping @Sendable () async throws -> Void
    ) {
        self.init(name: name, of: component, isRequired: isRequired, timeout: timeout, lifetime: lifetime, isTimed: true) {
            try await probe()
            return []
        }
    }

    private init(
        name: String, of component: String? = nil, isRequired: Bool, timeout: Duration, lifetime: Duration, isTimed: Bool,
        observe: @escaping @Sendable () async throws -> [HealthObservation]
    ) {
        self.name = name
        self.component = component
        self.isRequired = isRequired
        self.timeout = timeout
        self.lifetime = lifetime
        self.isTimed = isTimed
        self.observe = observe
    }

    /// A probe that finds out more than that, or something else.
    ///
    /// - Parameters:
    ///   - isTimed: whether the time it took is told under its name, beside what else it says there and elsewhere.
    ///   - observe: what is found, also under other names. What it throws is as of the other kind of probe. Cancelled after the timeout.
    package static func observing(
        _ name: String, isRequired: Bool = false, timeout: Duration = .seconds(2), lifetime: Duration = .seconds(1), isTimed: Bool = false,
        _ observe: @escaping @Sendable () async throws -> [HealthObservation]
    ) -> HealthProbe {
        HealthProbe(name: name, isRequired: isRequired, timeout: timeout, lifetime: lifetime, isTimed: isTimed, observe: observe)
    }
}
