/// Collects what is wrong with one file while it is read. Confined to one parse.
final class ProblemLog {
    private let file: String
    /// The last place of the file: nothing is reported behind it.
    private let lineLengths: [Int]
    private var reported: [SchemaProblem] = []

    /// - Parameter text: the file's whole text, which bounds the places.
    init(file: String, text: String) {
        self.file = file
        var lengths = [0]
        for scalar in text.unicodeScalars {
            if scalar == "\n" { lengths.append(0) } else { lengths[lengths.count - 1] += 1 }
        }
        // A final newline ends the last line; it does not begin another.
        if lengths.count > 1, lengths.last == 0 { lengths.removeLast() }
        lineLengths = lengths
    }

    func report(_ code: SchemaProblem.Code, at place: SourcePlace, path: String, _ message: String, fix: String) {
        add(.error, code, place, path, message, fix)
    }

    func warn(_ code: SchemaProblem.Code, at place: SourcePlace, path: String, _ message: String, fix: String) {
        add(.warning, code, place, path, message, fix)
    }

    var hasErrors: Bool { reported.contains { $0.severity == .error } }

    /// In the order of the file; what was seen twice through an alias stands once.
    func problems(_ severity: SchemaProblem.Severity) -> [SchemaProblem] {
        var seen: Set<String> = []
        return reported.enumerated()
            .filter { $0.element.severity == severity }
            .sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }
            .map(\.element)
            .filter { seen.insert("\($0.line):\($0.column):\($0.code):\($0.message)").inserted }
    }

    private func add(
        _ severity: SchemaProblem.Severity, _ code: SchemaProblem.Code, _ place: SourcePlace, _ path: String, _ message: String,
        _ fix: String
    ) {
        reported.append(
            SchemaProblem(
                severity: severity, code: code, file: file, place: within(place), path: path, message: message, fix: fix))
    }

    private func within(_ place: SourcePlace) -> SourcePlace {
        guard place.line <= lineLengths.count else {
            return SourcePlace(line: lineLengths.count, column: (lineLengths.last ?? 0) + 1)
        }
        let line = max(1, place.line)
        return SourcePlace(line: line, column: min(max(1, place.column), lineLengths[line - 1] + 1))
    }
}
