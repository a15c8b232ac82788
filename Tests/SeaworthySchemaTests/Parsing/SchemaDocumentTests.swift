import Foundation
import SeaworthySchema
import Testing

/// docs/schema.md says what the parser does.
struct SchemaDocumentTests {
    private let document: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        document = try String(contentsOf: root.appending(path: "docs/schema.md"), encoding: .utf8)
    }

    private func value(of shape: SchemaKey.Shape) -> String {
        switch shape {
        case .text: "text"
        case .boolean: "`true` or `false`"
        case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .word(let words): words.map { "`\($0)`" }.joined(separator: " ")
        case .names: "a field, or a list of fields"
        case .nameList: "a list of fields"
        case .nameLists: "a list of lists of fields"
        case .texts: "a list of texts"
        case .section: "keys, below"
        case .named(let section): "names with the keys of \(section.title)"
        case .namedWords(let words): "names with one of " + words.map { "`\($0)`" }.joined(separator: " ")
        case .filters: "names with filters"
        case .flagOr: "`true` or `false`, or keys, below"
        case .duration: "a duration"
        case .durationOr: "a duration, or keys, below"
        case .rate: "a rate"
        case .rateOr: "a rate, or keys, below"
        case .namedRates: "names with rates, or with keys, below"
        case .rule: "`true`, `false` or a filter"
        case .bound: "a number or text"
        case .anything: "a value of the field"
        case .entityOr: "an entity, or keys, below"
        }
    }

    private func table(of section: SchemaSection) -> String {
        let rows = section.keys.filter(\.isSupported).map { key in
            "| `\(key.name)` | \(value(of: key.shape)) | \(key.isRequired ? "required" : key.absent) | \(key.meaning) |"
        }
        return "<!-- keys: \(section.rawValue) -->\n| key | value | without it | meaning |\n| --- | --- | --- | --- |\n"
            + rows.joined(separator: "\n") + "\n"
    }

    @Test(arguments: SchemaSection.allCases)
    func `lists every key as the parser has it`(_ section: SchemaSection) {
        #expect(document.contains(table(of: section)))
    }

    @Test func `lists every key that this version refuses`() {
        let rows = SchemaSection.allCases.compactMap { section -> String? in
            let names = section.keys.filter { !$0.isSupported }.map { "`\($0.name)`" }
            return names.isEmpty ? nil : "- in \(section.title): \(names.joined(separator: " "))"
        }
        #expect(document.contains("<!-- keys not supported -->\n\(rows.joined(separator: "\n"))\n"))
    }

    @Test func `lists every type`() {
        let rows = document.split(separator: "\n").filter { $0.hasPrefix("| `") }
        for name in FieldType.names {
            #expect(rows.contains { $0.split(separator: "|").first?.contains("`\(name)`") ?? false }, "\(name)")
        }
    }

    @Test func `its examples are schemas without a problem or warning`() throws {
        let blocks = document.components(separatedBy: "```yaml\n").dropFirst().compactMap { $0.components(separatedBy: "```").first }
        #expect(blocks.count == 5)
        for block in blocks {
            let yaml = block.hasPrefix("name:") ? block : "name: example\n" + block
            let result = Result { try SchemaParser.parse(yaml: yaml, file: "docs/schema.md") }
            #expect(try result.get().warnings == [])
        }
    }
}
