internal import Yams

/// Why Yams could not read a text, in this project's words.
struct YAMLFailure {
    private let code: SchemaProblem.Code
    private let place: SourcePlace
    private let message: String
    private let fix: String

    private init(
        _ code: SchemaProblem.Code = .invalidYAML, at place: SourcePlace, _ message: String, fix: String
    ) {
        self.code = code
        self.place = place
        self.message = message
        self.fix = fix
    }

    /// - Parameter text: what was read, to see what stands at the place.
    init(_ error: any Error, in text: String) {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            self.init(syntax: problem, context, at: SourcePlace(line: mark.line, column: mark.column), in: text)
        case .composer(_, let problem, let mark, _):
            let place = SourcePlace(line: mark.line, column: mark.column)
            if problem.contains("another document") {
                self.init(
                    .multipleDocuments, at: place, "A second YAML document begins here.",
                    fix: "keep the whole schema in one document, without `---` between its parts.")
            } else {
                self.init(at: place, "Not YAML: \(problem).", fix: "name with `*` only what was marked with `&` above.")
            }
        case .reader(let problem, let offset, _, _):
            self.init(at: Self.place(ofCharacter: offset ?? 0, in: text), "Not YAML: \(problem).", fix: "remove the character.")
        default: self.init(at: SourcePlace(line: 1, column: 1), "Not YAML.", fix: "write the schema as docs/schema.md shows.")
        }
    }

    private init(syntax problem: String, _ context: YamlError.Context?, at place: SourcePlace, in text: String) {
        if problem.hasPrefix("Maximum nesting level") {
            self.init(.tooComplex, at: place, "Nested too deep.", fix: "write fewer levels.")
            return
        }
        let scalars = Array(text.unicodeScalars)
        if let index = scalars.index(of: place), scalars[index] == "\t" {
            self.init(at: place, "Not YAML: a tab cannot indent.", fix: "indent with spaces.")
            return
        }
        let context = context.map { ", \($0.text) that begins in line \($0.mark.line)" } ?? ""
        self.init(
            at: place, "Not YAML: \(problem)\(context).", fix: "correct the indentation, colon, quote or bracket here or just above.")
    }

    func report(to log: ProblemLog) {
        log.report(code, at: place, path: "", message, fix: fix)
    }

    private static func place(ofCharacter offset: Int, in text: String) -> SourcePlace {
        var place = SourcePlace(line: 1, column: 1)
        for character in text.prefix(offset) {
            if character.isNewline {
                place = SourcePlace(line: place.line + 1, column: 1)
            } else {
                place.column += character.unicodeScalars.count
            }
        }
        return place
    }
}
