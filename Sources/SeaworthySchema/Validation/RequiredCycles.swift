/// Finds references that are required in a circle: none of their records could be the first.
struct RequiredCycles {
    let declared: [DeclaredEntity]
    let entities: [Entity]
    let log: ProblemLog

    private struct Step {
        var from: Int
        var to: Int
        var reference: Reference
    }

    func run() {
        let steps = entities.indices.map(requiredSteps)
        var reported: Set<Int> = []
        for start in entities.indices where !reported.contains(start) {
            guard let circle = shortestCircle(from: start, steps) else { continue }
            reported.formUnion(circle.map(\.from))
            report(circle)
        }
    }

    /// A reference with an optional part can stay null, so it holds nobody up.
    private func requiredSteps(of entity: Int) -> [Step] {
        entities[entity].references.compactMap { reference in
            guard reference.fields.allSatisfy({ entities[entity].fields[$0].isRequired }),
                let target = entities.firstIndex(where: { $0.name == reference.target })
            else { return nil }
            return Step(from: entity, to: target, reference: reference)
        }
    }

    private func shortestCircle(from start: Int, _ steps: [[Step]]) -> [Step]? {
        var ways: [(end: Int, steps: [Step])] = [(start, [])]
        var seen: Set<Int> = []
        while !ways.isEmpty {
            let way = ways.removeFirst()
            for step in steps[way.end] {
                if step.to == start { return way.steps + [step] }
                if seen.insert(step.to).inserted { ways.append((step.to, way.steps + [step])) }
            }
        }
        return nil
    }

    private func report(_ circle: [Step]) {
        guard let first = circle.first, let field = first.reference.fields.first(where: { declares($0, first) }) else { return }
        let written = declared[first.from].fields[field]
        let names = circle.map { entities[$0.from].name } + [entities[first.from].name]
        log.report(
            .requiredCycle, at: written.reference?.value.place ?? written.section.place,
            path: written.reference?.value.path ?? written.section.path,
            "Required references form a circle: \(names.joined(separator: " → ")). No first record could be created.",
            fix: "make one of these references optional.")
    }

    private func declares(_ field: Int, _ step: Step) -> Bool {
        declared[step.from].fields[field].reference?.target == step.reference.target
    }
}
