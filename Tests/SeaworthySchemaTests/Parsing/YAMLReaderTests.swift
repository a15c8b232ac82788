import SeaworthySchema
import Testing

struct YAMLReaderTests {
    @Test func `an anchor's content stands wherever its alias does`() throws {
        let text = """
            name: t
            entities:
              A:
                fields:
                  F: &short { type: string, max: 5 }
                  G: *short
            """
        #expect(problems(text) == [])
        #expect(try schema(MarkedSchema(text)).entities[0].fields.map(\.maxLength) == [nil, 5, 5])
    }

    @Test func `a problem in aliased content is reported once, where it is written`() {
        let marked = MarkedSchema.fields("F: &bad { type: string, max: ⟨invalid_bound⟩0 }", "G: *bad")
        #expect(places(problems(marked.yaml)) == marked.expected)
    }

    @Test func `aliases that multiply are refused without being expanded`() {
        var text = "name: t\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        #expect(problems(text).map(\.code) == [.tooComplex])
    }

    @Test(arguments: ["? *a9\n: x\n", "*a9 : x\n", "[*a9]: x\n", "{*a9: x}: y\n"])
    func `aliases that multiply in keys are refused before the keys are compared`(_ key: String) {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        let found = problems(text + key)
        #expect(found.map(\.code) == [.tooComplex])
        #expect(found.map(\.line) == [4])
    }

    @Test func `a thousand aliases are read, one more is refused`() {
        func text(aliases: Int) -> String {
            var text = "name: t\nentities:\n  A:\n    fields:\n      F0: &f { type: string }\n"
            for index in 0..<aliases { text += "      G\(index): *f\n" }
            return text
        }
        #expect(problems(text(aliases: 1000)) == [])
        #expect(places(problems(text(aliases: 1001))) == ["1006:14 too_complex"])
    }

    @Test func `sixty-four levels are read, one more is refused`() {
        // The document, `entities`, `A`, `fields`, `F` and `default` are six.
        func text(levels: Int) -> String {
            let list = String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
            return "name: t\nentities: { A: { fields: { F: { type: json, default: \(list) } } } }\n"
        }
        #expect(problems(text(levels: 59)) == [])
        #expect(problems(text(levels: 60)).map(\.code) == [.tooComplex])
        #expect(problems(text(levels: 100_000)).map(\.code) == [.tooComplex])
    }

    @Test func `a file of one mebibyte is read, a byte more is refused`() {
        let text = "name: t\nentities: { A: { fields: { F: { type: string } } } }\n#"
        let fill = (1 << 20) - text.utf8.count
        #expect(problems(text + String(repeating: "x", count: fill)) == [])
        #expect(problems(text + String(repeating: "x", count: fill + 1)).map(\.code) == [.tooComplex])
    }

    @Test func `a byte order mark is skipped and moves no column`() {
        let marked = MarkedSchema("name: ⟨wrong_type⟩5\nentities: { A: { fields: { F: { type: string } } } }\n")
        #expect(places(problems("\u{FEFF}" + marked.yaml)) == marked.expected)
    }

    @Test func `lines may end as on Windows`() {
        let marked = MarkedSchema("name: t\r\nentities: { A: { fields: { F: { type: ⟨unknown_type⟩int } } } }\r\n")
        #expect(places(problems(marked.yaml)) == marked.expected)
        #expect(problems(northwind.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")) == [])
    }

    @Test func `columns count Unicode scalars`() {
        let marked = MarkedSchema.fields("F: { description: 'Größe 👨‍👩‍👧', type: ⟨unknown_type⟩int }")
        #expect(places(problems(marked.yaml)) == marked.expected)
    }

    @Test func `a tab that indents is named as such`() {
        #expect(problems("name: t\nentities:\n\tA: {}\n").map(\.message) == ["Not YAML: a tab cannot indent."])
    }

    @Test func `only what JSON writes as a number is a number`() throws {
        for text in ["05021", "1_000", "0x1F", "0o17", "+5", ".5", ".inf", "yes", "no", "on", "2024-01-01", "12:30"] {
            let marked = MarkedSchema.fields("F: { type: string, default: \(text) }")
            #expect(try field("F", of: marked)?.defaultValue == .value(.text(text)))
        }
        for text in ["5", "-5", "1.5", "1e3"] {
            #expect(problems(MarkedSchema.fields("F: { type: string, default: \(text) }").yaml).map(\.code) == [.invalidDefault])
            #expect(problems(MarkedSchema.fields("F: { type: double, default: \(text) }").yaml) == [])
        }
    }

    @Test func `quoted scalars and those tagged as text are text`() throws {
        for text in ["'5'", "\"5\"", "!!str 5"] {
            #expect(try field("F", of: .fields("F: { type: string, default: \(text) }"))?.defaultValue == .value(.text("5")))
        }
        for text in ["true", "True", "TRUE"] {
            #expect(try field("F", of: .fields("F: { type: boolean, default: \(text) }"))?.defaultValue == .value(.integer(1)))
        }
        for text in ["false", "False", "FALSE"] {
            #expect(try field("F", of: .fields("F: { type: boolean, default: \(text) }"))?.defaultValue == .value(.integer(0)))
        }
        for text in ["~", "null", "Null", "NULL"] {
            #expect(problems(MarkedSchema.fields("F: { type: json, default: \(text) }").yaml).map(\.code) == [.invalidDefault])
        }
    }

    @Test func `hundreds of keys that stand twice end the reading without a crash`() {
        var text = "name: t\n"
        for index in 0..<300 { text += "k\(index): 1\nk\(index): 2\n" }
        let found = problems(text)
        #expect(found.contains { $0.code == .duplicateKey })
    }
}
