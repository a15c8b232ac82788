/// What a probe found.
struct HealthFinding: Sendable, Equatable {
    enum Outcome: Sendable, Equatable {
        case observed([HealthObservation])
        case failed
        case timedOut

        static let passed = Outcome.observed([])
    }

    let outcome: Outcome
    /// How long the probe took.
    let duration: Duration
    /// When it ended, in milliseconds since 1970, UTC.
    let time: Int

    /// As operators are told: what an optional probe finds failed is a warning.
    func observations(of probe: HealthProbe) -> [HealthObservation] {
        var observations: [HealthObservation]
        switch outcome {
        case .observed(let found): observations = found
        case .failed: observations = [HealthObservation(probe.name, of: probe.component, .fail)]
        case .timedOut: observations = [HealthObservation(probe.name, of: probe.component, .fail, output: "no answer in time")]
        }
        if probe.isTimed, !observations.contains(where: { $0.name == probe.name }) {
            observations.insert(HealthObservation(probe.name, of: probe.component), at: 0)
        }
        for index in observations.indices {
            if probe.isTimed, observations[index].name == probe.name, observations[index].value == nil {
                observations[index].value = .number(duration / .milliseconds(1))
                observations[index].unit = "ms"
            }
            if !probe.isRequired { observations[index].status = min(observations[index].status, .warn) }
        }
        return observations
    }
}
