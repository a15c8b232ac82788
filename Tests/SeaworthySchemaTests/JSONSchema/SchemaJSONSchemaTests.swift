import Testing

@testable import SeaworthySchema

struct SchemaJSONSchemaTests {
    private func json(_ yaml: String) throws -> JSONValue {
        try #require(YAMLReader.read(yaml, log: ProblemLog(file: "", text: yaml))).json
    }

    private func definition(_ section: SchemaSection) throws -> JSONObject {
        guard case .object(let root) = SchemaJSONSchema.document else { throw Missing() }
        if section == .document { return root }
        guard case .object(let definitions) = root["$defs"], case .object(let definition) = definitions[section.rawValue] else {
            throw Missing()
        }
        return definition
    }

    private struct Missing: Error {}

    @Test(arguments: SchemaSection.allCases)
    func `has every key that the parser takes, and no other`(_ section: SchemaSection) throws {
        let object = try definition(section)
        guard case .object(let properties) = object["properties"] else { throw Missing() }
        #expect(properties.members.map(\.name) == section.keys.filter(\.isSupported).map(\.name))
        #expect(object["additionalProperties"] == false)
        let required = section.keys.filter(\.isRequired).map { JSONValue.string($0.name) }
        #expect(object["required"] == (required.isEmpty ? nil : .array(required)))
    }

    @Test func `accepts what the parser accepts`() throws {
        let check = JSONSchemaCheck(root: SchemaJSONSchema.document)
        #expect(check.accepts(try json(northwind)))
        #expect(check.accepts(try json(MarkedSchema.fields("F: { type: string }").yaml)))
    }

    @Test(arguments: [
        MarkedSchema.fields("F: { type: strng }"), .fields("F: { max: 3 }"), .fields("F: { type: string, requird: true }"),
        .fields("F: { type: string, search: 101 }"), .fields("F: { type: decimal, precision: 19, scale: 2 }"),
        .fields("F: { type: string, max: true }"), .fields("F: { type: enum, values: [] }"),
        .fields("F: { type: string, renamedFrom: [G] }"),
        .fields("data: { type: string }"), .fields("a.b: { type: string }"), .fields("F: text"), .entity("timestamps: yes"),
        .entity("audit: { keep: 5 }"),
        .entity("access: { admin: { read: true } }"), .entity("access: { anyone: { read: yes } }"), .entity("indexes: [F]"),
        .entity("checks: { c: {} }"), .entity("table: ''"), .entities("my_thing: { fields: { F: { type: string } } }"),
        .fields("F: { references: { fields: [F] } }"), .fields("F: { type: string, required: yes }"), MarkedSchema("name: t\n"),
        MarkedSchema("name: t\nentities: {}\n"),
        MarkedSchema("name: t\nsources: {}\nentities: { A: { fields: { F: { type: string } } } }\n"),
    ])
    func `refuses what the parser refuses by shape`(_ marked: MarkedSchema) throws {
        #expect(!problems(marked.yaml).isEmpty)
        #expect(!JSONSchemaCheck(root: SchemaJSONSchema.document).accepts(try json(marked.yaml)))
    }

    @Test func `names the dialect, and describes every key`() throws {
        #expect(try definition(.document)["$schema"] == "https://json-schema.org/draft/2020-12/schema")
        for section in SchemaSection.allCases {
            guard case .object(let properties) = try definition(section)["properties"] else { throw Missing() }
            for member in properties.members {
                guard case .object(let property) = member.value, case .string(let text) = property["description"] else { throw Missing() }
                #expect(text.hasSuffix("."), "\(member.name)")
            }
        }
    }

    @Test func `is valid JSON that reads back as itself`() throws {
        #expect(try JSONParser.parse(SchemaJSONSchema.document.indentedText) == SchemaJSONSchema.document)
    }
}
