import Foundation
import Testing

/// The part of Mermaid's grammar for entity relationship diagrams that is written: a line that is none of it fails.
///
/// After erDiagram.jison of Mermaid 11 and 9.2, whichever takes less.
struct MermaidGrammar {
    /// The attributes by entity, and the relations as they stand.
    private(set) var entities: [(name: String, attributes: [Substring])] = []
    private(set) var relations: [Substring] = []

    // Of quotes, percent signs, backslashes and line ends none may stand in a name. Codes are `#quot;` and the like.
    nonisolated(unsafe) private static let opening = #/[ ]{4}"([^"%\r\n\\]+)" \{/#
    nonisolated(unsafe) private static let attribute =
        #/[ ]{8}([A-Za-z][A-Za-z]*(?:\[\])?) ([A-Za-z_][A-Za-z0-9_]*)( (?:PK|FK|UK)(?:, (?:PK|FK|UK))*)?( "[^"%\r\n\\]+")?/#
    nonisolated(unsafe) private static let relation =
        #/[ ]{4}"([^"%\r\n\\]+)" (?:\|o|\|\|)(?:--|\.\.)(?:o\{|o\|) "([^"%\r\n\\]+)" : "[^"%\r\n\\]+"/#

    struct Failure: Error {
        var line: Substring
    }

    init(_ text: String) throws {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard lines.popFirst() == "erDiagram" else { throw Failure(line: "erDiagram") }
        while let line = lines.popFirst() {
            if let match = line.wholeMatch(of: Self.opening) {
                var attributes: [Substring] = []
                while let inner = lines.popFirst(), inner != "    }" {
                    guard let match = inner.wholeMatch(of: Self.attribute), !["PK", "FK", "UK"].contains(match.2.uppercased()) else {
                        throw Failure(line: inner)
                    }
                    attributes.append(inner.dropFirst(8))
                }
                entities.append((String(match.1), attributes))
            } else if let match = line.wholeMatch(of: Self.relation) {
                // A relation to an entity that no block declares would draw an empty one.
                let names = entities.map(\.name)
                guard names.contains(String(match.1)), names.contains(String(match.2)) else { throw Failure(line: line) }
                relations.append(line.dropFirst(4))
            } else {
                throw Failure(line: line)
            }
        }
    }
}
