import Foundation
import SeaworthySchema
import Testing

@Suite struct `A schema as YAML` {
    private static let more = """
        name: 'no'
        api: { pageSize: 10, maxPageSize: 20 }
        identity: { attributes: { region: string } }
        entities:
          Thing:
            dbSchema: app
            timestamps: true
            softDelete: true
            audit: { keep: 90d }
            fields:
              Name: { type: string, required: true }
              Price: { type: decimal, precision: 8, scale: 2 }
              Amounts: { type: array, items: decimal, precision: 9, scale: 3 }
              Sizes: { type: array, items: enum, values: ['1', 'two words', "new\\nline"] }
              Other: { references: Thing, as: thing, inverse: others }
              Twin: { references: Thing, as: double, index: true }
            checks:
              named: { OR: [{ Name: { startsWith: A, mode: sensitive } }, { Name: { in: [x, "true", "1"] } }] }
              priced: { AND: [{ Price: { gte: "1.50" } }, { NOT: { Price: { equals: "7.00" } } }] }
              sized: { Sizes: { has: "1" } }
              owned: { createdBy: { isNull: false } }
            access:
              anyone: { read: { "thing.Name": { not: $record.Name } }, hide: [Price] }
              sales-team: { read: { others: { some: { Name: { equals: $user.region } } } }, restore: true, history: true, create: true }
          Point:
            key: [Y, X]
            path: dots
            renamedFrom: Dot
            fields:
              X: { type: integer }
              Y: { type: integer }
              W: { type: uuid }
              Z: { type: string, unique: true, default: '', renamedFrom: OldZ, description: 'first: #1' }
            unique: [[X, Z], [W]]
            indexes: [[Z, X], [X]]
          Line:
            key: id
            audit: true
            fields:
              id: { type: integer }
              FromX: { type: integer }
              FromY: { references: { entity: Point, fields: [FromY, FromX] }, as: from, inverse: lines, onDelete: cascade }
              ToY: { references: { entity: Point, fields: [ToY, ToX] }, as: to }
              ToX: { type: integer }
        """

    private func read(_ yaml: String) throws -> Schema {
        try SchemaParser.parse(yaml: yaml, file: "test.yaml").schema
    }

    private static let example: String = {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../../Examples/northwind/seaworthy.yaml")
        return (try? String(contentsOf: path.standardized, encoding: .utf8)) ?? ""
    }()

    @Test(arguments: [northwind, more, example])
    func `reads back as the same schema`(yaml: String) throws {
        let schema = try read(yaml)
        let written = SchemaYAML(schema).text
        #expect(try read(written) == schema, "\(written)")
        #expect(SchemaYAML(try read(written)).text == written)
    }

    @Test func `leaves out what follows from names and defaults, and stays within its lines`() throws {
        let description = String(repeating: "long ", count: 30)
        let schema = try read(
            """
            name: test
            api: { pageSize: 25, maxPageSize: 200 }
            entities:
              OrderDetail:
                table: order_details
                path: order-details
                fields:
                  OrderID: { references: Order, as: order, onDelete: restrict, required: true }
                  Text: { type: text, required: false, description: "\(description)" }
              Order:
                key: id
                fields: { id: { type: integer, required: true, column: id } }
                access: { anyone: { read: true, create: false } }
            """)
        #expect(
            SchemaYAML(schema).text == """
                name: test

                entities:
                  OrderDetail:
                    fields:
                      OrderID: { references: Order, required: true }
                      Text:
                        type: text
                        description: '\(description)'

                  Order:
                    fields:
                      id: { type: integer }
                    access:
                      anyone: { read: true }

                """)
    }

    @Test(arguments: [
        "", "a", "true", "No", "on", "null", "~", "1", "1e5", "05021", "a b", " a", "a ", "a: b", "a #b", "#a", "- a", "[a]", "{a}", "'",
        "it's", "\"",
        "\\", "a\nb", "a\r\nb", "\t", "\u{7}", "\u{85}", "\u{2028}", "a\u{FEFF}b", "ä", "e\u{301}", "😀", "\u{E000}", "@a", "`a", "%a", "!a",
        "&a", "*a", "|",
        ">", "?", "a,b", "$record.x", "2020-01-01", "0x1F", ".5", "-", "---", "...", "\u{1}\u{10FFFF}",
    ])
    func `writes every text so that it reads back byte for byte`(text: String) throws {
        let name = text.isEmpty ? "x" : text
        var schema = Schema(name: name, entities: [])
        schema.entities = try read("name: a\nentities: { A: { fields: { F: { type: string } } } }").entities
        schema.entities[0].description = name
        schema.entities[0].fields[1].column = text.isEmpty || text.utf8.count > 63 ? "c" : text
        schema.entities[0].fields[1].defaultValue = .value(.text(text))
        let read = try read(SchemaYAML(schema).text)
        #expect(Array(read.name.utf8) == Array(name.utf8))
        #expect(read == schema)
    }

    @Test func `sets comments at their places, whatever stands in them`() throws {
        let schema = try read(
            "name: test\nentities:\n  A:\n    key: x\n    fields: { x: { type: string }, longer: { type: text }, z: { type: date } }\n")
        var comments = SchemaComments()
        comments.top = ["made\nby hand\u{7}"]
        comments.bottom = ["end"]
        var own = SchemaComments.OfEntity()
        own.above = ["over A"]
        own.fields = ["x": ["short"], "longer": ["one", "two"], "z": [String(repeating: "x", count: 140)]]
        own.beforeFields = ["longer": ["left out: y"]]
        own.afterFields = ["left out: w"]
        own.below = ["access: {}", ""]
        comments.entities["A"] = own
        let text = SchemaYAML(schema, comments: comments).text
        #expect(
            text
                == """
                # made
                # by hand
                name: test

                entities:
                  # over A
                  A:
                    table: as
                    key: x
                    fields:
                      x:      { type: string } # short
                      # left out: y
                      # one
                      # two
                      longer: { type: text }
                      # \(String(repeating: "x", count: 140))
                      z:      { type: date }
                      # left out: w
                    # access: {}
                    #

                # end

                """.replacing("    table: as\n", with: ""))
        #expect(try read(text) == schema)
    }
}
