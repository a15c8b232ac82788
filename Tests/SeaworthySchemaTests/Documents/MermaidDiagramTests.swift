import SeaworthySchema
import Testing

@Suite struct `The Mermaid diagram` {
    private func diagram(_ schema: Schema) throws -> MermaidGrammar {
        try MermaidGrammar(MermaidDiagram(schema).text)
    }

    private func diagram() throws -> MermaidGrammar {
        try diagram(SchemaParser.parse(yaml: northwind, file: "seaworthy.yaml").schema)
    }

    @Test func `has every entity with every field in its order`() throws {
        let schema = try SchemaParser.parse(yaml: northwind, file: "seaworthy.yaml").schema
        let entities = try diagram(schema).entities
        #expect(entities.map(\.name) == schema.entities.map(\.name))
        for (drawn, entity) in zip(entities, schema.entities) {
            #expect(drawn.attributes.map { $0.split(separator: " ")[1] } == entity.fields.map { Substring($0.name) })
        }
    }

    @Test func `marks keys, references and unique fields, and tells types`() throws {
        let entities = try diagram().entities
        #expect(entities[1].attributes == ["string CustomerID PK", "string CompanyName", "string Country", "email Mail UK", "url Home"])
        #expect(
            entities[4].attributes == ["integer OrderID PK, FK", "integer ProductID PK", "integer Quantity"])
        #expect(entities[5].attributes == ["uuid id PK", "integer OrderID FK", "integer ProductID FK"])
        #expect(entities[2].attributes.contains("string[] Tags"))
        #expect(entities[3].attributes.contains(#"decimal Freight "12 digits, 4 after the point""#))
        #expect(entities[3].attributes.contains(#"enum Status "open, shipped, cancelled""#))
    }

    @Test func `draws each relation with its names and cardinalities`() throws {
        #expect(
            try diagram().relations == [
                #""Employee" |o..o{ "Employee" : "employee / reports""#,
                #""Customer" |o..o{ "Order" : "customer / orders""#,
                #""Employee" |o..o{ "Order" : "employee""#,
                // Part of the key: required, and a solid line.
                #""Order" ||--o{ "OrderDetail" : "order / details""#,
                // Two fields that are unique together.
                #""OrderDetail" |o..o| "Shipment" : "detail""#,
            ])
    }

    @Test func `keeps awkward names and descriptions in their places`() throws {
        let drawn = try diagram(AwkwardSchema.schema)
        let text = MermaidDiagram(AwkwardSchema.schema).text
        #expect(!text.contains("%%") && !text.contains("<img"))
        #expect(drawn.entities[0].attributes.count == 4)
        #expect(
            drawn.entities[0].attributes[0]
                == ##"""
                string _UK PK "named UK; a | b #35; c `d` #quot;e#quot; #lt;img src=x onerror=alert(1)#gt; #37;#37;{init: {}}#37;#37; #92; *f* [g](h) $i$ #35;1;"
                """##)
        #expect(drawn.entities[0].attributes[1] == ##"enum _pk PK "named pk; x|y, z#quot;, `""##)
        #expect(drawn.entities[0].attributes[2] == #"decimal[] first_name "named first name; 9 digits, 2 after the point""#)
        #expect(drawn.entities[0].attributes[3] == #"text _9lives "named 9lives""#)
    }

    @Test func `tells composite references, self references and those of one to one apart`() throws {
        #expect(
            try diagram(AwkwardSchema.schema).relations == [
                // Required, of two fields that are unique only together with a third.
                #""One" ||..o{ "Class" : "head / rooms""#,
                // One of the two may be null.
                #""One" |o..o{ "Class" : "half""#,
                #""Class" |o..o{ "Class" : "next""#,
                #""Class" |o..o| "Class" : "twin / of""#,
            ])
    }
}
