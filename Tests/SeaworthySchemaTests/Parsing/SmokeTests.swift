import Testing
import SeaworthySchema

@Test func smoke() throws {
    let (schema, warnings) = try SchemaParser.parse(yaml: northwind, file: "f.yaml")
    print(schema.canonicalJSON.indentedText)
    print(warnings)
    print(SchemaJSONSchema.document.indentedText.count)
}
