import SeaworthySchema
import Testing

@testable import SeaworthyHTTP

@Suite struct `A field in the OpenAPI document` {
    private static func field(_ declaration: String) throws -> OpenAPIField {
        let yaml = "name: t\nentities:\n  E:\n    fields:\n      f: { \(declaration) }\n    access: {}\n"
        let entity = try #require(try SchemaParser.parse(yaml: yaml, file: "t.yaml").schema.entities.first)
        return OpenAPIField(entity, try #require(entity.fieldIndex(named: "f")))
    }

    @Test(arguments: [
        ("type: string, required: true, max: 5", #"{"type":"string","pattern":"^[^\\u0000]*$","maxLength":5}"#),
        ("type: string", #"{"type":["string","null"],"pattern":"^[^\\u0000]*$"}"#),
        ("type: string, pattern: '^a$', min: 1", #"{"type":["string","null"],"pattern":"^a$","minLength":1}"#),
        ("type: integer, required: true, min: 1, max: 9", #"{"type":"integer","minimum":1,"maximum":9}"#),
        ("type: boolean, required: true, default: false", #"{"type":"boolean","default":false}"#),
        ("type: enum, values: [a, b]", #"{"type":["string","null"],"enum":["a","b",null]}"#),
        (
            "type: decimal, precision: 5, scale: 2, min: 0, required: true",
            #"{"anyOf":[{"type":"string","pattern":"^[0-9]{1,3}(\\.[0-9]{1,2})?$"},{"type":"number","minimum":0.00,"maximum":999.99,"multipleOf":0.01}]}"#
        ),
        (
            "type: decimal, precision: 2, scale: 2, required: true",
            #"{"anyOf":[{"type":"string","pattern":"^-?0(\\.[0-9]{1,2})?$"},{"type":"number","minimum":-0.99,"maximum":0.99,"multipleOf":0.01}]}"#
        ),
        (
            "type: array, items: integer, max: 2, required: true",
            #"{"type":"array","items":{"type":"integer","minimum":-9007199254740991,"maximum":9007199254740991},"maxItems":2}"#
        ),
        ("type: date", #"{"type":["string","null"],"format":"date"}"#), ("type: json", "{}"),
    ])
    func `is taken within its bounds`(declaration: String, schema: String) throws {
        #expect(try Self.field(declaration).input == JSONParser.parse(schema))
    }

    @Test func `of a number can be incremented by a patch, and of a text cannot`() throws {
        #expect(try Self.field("type: integer").change.compactText.contains("Increment.Integer"))
        #expect(try Self.field("type: decimal, precision: 5, scale: 2").change.compactText.contains("Increment.Text"))
        #expect(try !Self.field("type: string").change.compactText.contains("Increment"))
    }

    @Test func `that the server writes is marked as read-only, with the form in which it is sent`() throws {
        #expect(
            try Self.field("type: decimal, precision: 5, scale: 2, required: true").readOnly
                == JSONParser.parse(#"{"type":"string","pattern":"^-?[0-9]{1,3}\\.[0-9]{2}$","readOnly":true}"#))
    }
}
