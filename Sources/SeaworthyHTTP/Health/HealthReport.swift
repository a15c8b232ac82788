import SeaworthySchema

/// What all probes found, at about one moment.
struct HealthReport: Sendable {
    /// In the order of the probes, with when it was found, in milliseconds since 1970.
    private let observations: [(observation: HealthObservation, time: Int)]

    /// Asks all at once: the slowest decides how long it takes.
    init(of checks: [HealthCheck]) async {
        observations = await withTaskGroup(of: (Int, HealthFinding).self) { group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, await check.finding()) }
            }
            var found: [(Int, HealthFinding)] = []
            for await finding in group {
                found.append(finding)
            }
            return found.sorted { $0.0 < $1.0 }.flatMap { index, finding in
                finding.observations(of: checks[index].probe).map { ($0, finding.time) }
            }
        }
    }

    /// The worst of them.
    var status: HealthStatus { observations.map(\.observation.status).max() ?? .pass }

    /// Writes `"checks":{…}`: each name once, with everything observed under it.
    func write(into body: inout [UInt8]) {
        var names: [String] = []
        var byName: [String: [(HealthObservation, Int)]] = [:]
        for (observation, time) in observations {
            if byName[observation.name] == nil { names.append(observation.name) }
            byName[observation.name, default: []].append((observation, time))
        }
        body.write("\"checks\":{")
        for (index, name) in names.enumerated() {
            if index > 0 { body.write(",") }
            body.writeQuoted(name)
            body.write(":[")
            for (index, (observation, time)) in (byName[name] ?? []).enumerated() {
                if index > 0 { body.write(",") }
                Self.write(observation, time, into: &body)
            }
            body.write("]")
        }
        body.write("}")
    }

    private static func write(_ observation: HealthObservation, _ time: Int, into body: inout [UInt8]) {
        body.write("{")
        if let component = observation.component {
            body.write("\"componentId\":")
            body.writeQuoted(component)
            body.write(",")
        }
        body.writeVerbatim("\"status\":\"\(observation.status)\"")
        switch observation.value {
        case .integer(let value): body.writeVerbatim(",\"observedValue\":\(value)")
        case .number(let value) where value.isFinite: body.writeVerbatim(",\"observedValue\":\(value)")
        case .text(let value):
            body.write(",\"observedValue\":")
            body.writeQuoted(value)
        case .number, nil: break
        }
        if let unit = observation.unit {
            body.write(",\"observedUnit\":")
            body.writeQuoted(unit)
        }
        body.writeVerbatim(",\"time\":\"\(HTTPDate.rfc3339(milliseconds: time))\"")
        if let output = observation.output {
            body.write(",\"output\":")
            body.writeQuoted(output)
        }
        body.write("}")
    }
}
