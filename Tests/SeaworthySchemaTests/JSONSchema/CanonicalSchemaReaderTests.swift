import Foundation
import SeaworthySchema
import Testing

/// What canonical JSON is made of a schema is read back as the same schema.
struct CanonicalSchemaReaderTests {
    static let everything = MarkedSchema(
        """
        name: every «thing»
        api: { pageSize: 7, maxPageSize: 70 }
        identity: { attributes: { region: string, level: integer, since: date } }
        entities:
          Shop:
            description: "A\\nshop."
            path: the-shops
            dbSchema: Sales
            table: The Shops
            fields:
              Name: { type: string, required: true, max: 9, min: 1, pattern: '^a+', search: 3, default: aa, description: n }
              Region: { type: string, column: "re gion", index: true }
            access: { anyone: { read: true } }
          Thing:
            key: [K, L]
            timestamps: true
            softDelete: true
            audit: { keep: 30d }
            fields:
              K: { type: decimal, precision: 5, scale: 2, min: 1, max: 2 }
              L: { type: enum, values: [a, 'b"', "ü"] }
              ShopID: { references: Shop, as: shop, inverse: things, onDelete: restrict }
              PartK: { references: { entity: Thing, fields: [PartK, PartL] }, as: whole, inverse: parts, onDelete: cascade }
              PartL: { type: enum, values: [a, 'b"', "ü"] }
              T: { type: timestamp, default: now, readOnly: true, max: "2030-01-01T00:00:00Z" }
              D: { type: date, default: now, min: "2020-01-01" }
              I: { type: integer, min: -5, max: 5, default: 0 }
              B: { type: bigint, default: "9007199254740993" }
              F: { type: double, default: 0.1, max: 1.5e300 }
              N: { type: decimal, precision: 18, scale: 4, default: "1.5" }
              Y: { type: boolean, default: true }
              U: { type: uuid, unique: true }
              E: { type: email }
              W: { type: url }
              X: { type: text }
              J: { type: json, default: { b: [1, null], a: "x" } }
              A: { type: array, items: integer, default: [1, 2], max: 9, min: 1 }
              G: { type: array, items: double }
              H: { type: array, items: boolean }
              M: { type: array, items: decimal, precision: 4, scale: 1 }
              V: { type: array, items: enum, values: [x, y] }
              R: { type: bytes, max: 4, default: "AQI=" }
            checks:
              one: { T: { gte: $record.T, lt: "2024-01-01T00:00:00Z" } }
              two: { OR: [{ I: { in: [1, 2] } }, { NOT: { X: { contains: z, mode: sensitive } } }, { Y: false }, { N: { notIn: ["1.0"] } }] }
            indexes: [[T, I], [D]]
            unique: [[I, B]]
            access:
              anyone:
                read:
                  AND:
                    - "shop.Region": { equals: $user.region }
                    - { parts: { some: { I: { gt: 1 } } } }
                    - { "whole.parts": { none: { "shop.Name": { startsWith: a } } } }
                    - { A: { has: 5 }, G: { has: 5 }, H: { has: true }, M: { has: "1.5" }, V: { has: x } }
                    - { J: { isNull: true }, E: null, F: { lte: 3 }, D: { not: "2024-02-29" }, R: { equals: "AQI=" }, U: { isNull: false } }
                create: { I: { equals: $user.level } }
                update: true
                hide: [X, I]
                readOnly: [D]
              admins: { read: true, delete: true, restore: true, purge: true, history: { I: 1 } }
          Seen:
            readOnly: true
            key: id
            fields: { id: { type: integer }, Name: { type: string } }
        """)

    @Test(arguments: [
        everything, MarkedSchema(northwind), .fields("F: { type: string }"), .fields("id: { type: integer, generated: true }"),
    ])
    func `reads every part back as it was`(_ marked: MarkedSchema) throws {
        let schema = try schema(marked)
        let text = schema.canonicalJSON.compactText
        let read = try Schema(canonicalText: text)
        #expect(read == schema)
        #expect(read.canonicalJSON.compactText == text)
        #expect(try Schema(canonicalText: schema.canonicalJSON.indentedText) == schema)
    }

    @Test func `what was written before a key was known has its default`() throws {
        let text =
            #"{"format":1,"name":"t","entities":[{"name":"A","table":"as","key":["id"],"#
            + #""fields":[{"name":"id","column":"id","type":{"type":"integer"}}]}]}"#
        let schema = try Schema(canonicalText: text)
        #expect(schema.api == Schema.API())
        #expect(schema.entities.map(\.table) == ["as"])
        #expect(schema.entities.first?.fields.first?.isRequired == false)
    }

    @Test func `the earlier names are for one migration and are not stored`() throws {
        let renamed = try schema(.fields("G: { type: string, renamedFrom: F }"))
        #expect(renamed.entities.first?.fields.last?.renamedFrom == "F")
        #expect(try renamed.canonicalJSON == schema(.fields("G: { type: string }")).canonicalJSON)
    }

    private static let base =
        #"{"format":1,"name":"t","entities":[{"name":"A","table":"as","key":["id"],"fields":[{"name":"id","column":"id","#
        + #""type":{"type":"integer"}}],"checks":[{"name":"c","filter":{"field":"id","is":"equals","value":1}}]}]}"#

    @Test(arguments: [
        (#""format":1"#, #""format":2"#, "format: is not one that this version reads"),
        (#""format":1"#, #""format":1,"later":1"#, "has «later», which this version does not know"),
        (#""table":"as","#, "", "entities[0].table: is missing"),
        (#""table":"as""#, #""table":5"#, "entities[0].table: is a number, not a string"),
        (#""key":["id"]"#, #""key":[]"#, "entities[0].key: is empty"),
        (#""key":["id"]"#, #""key":["x"]"#, "entities[0].key: names a field that A does not have"),
        (#""key":["id"]"#, #""key":"id""#, "entities[0].key: is a string, not an array"),
        (#"{"type":"integer"}"#, #"{"type":"number"}"#, "entities[0].fields[0].type.type: «number» is no type"),
        (#"{"type":"integer"}"#, #"{"type":"decimal"}"#, "entities[0].fields[0].type.precision: and scale are missing"),
        (#"{"type":"integer"}"#, #"{"type":"array"}"#, "entities[0].fields[0].type.items: is missing"),
        (#"{"type":"integer"}"#, #"{"type":"integer"},"required":1"#, "entities[0].fields[0].required: is a number, not a boolean"),
        (#"{"type":"integer"}"#, #"{"type":"integer"},"pattern":"[""#, "entities[0].fields[0].pattern: is not a regular expression"),
        (#"{"type":"integer"}"#, #"{"type":"integer"},"minimum":"x""#, "entities[0].fields[0].minimum: "),
        (#"{"type":"integer"}"#, #"{"type":"integer"},"managed":"x""#, "entities[0].fields[0].managed: is not known"),
        (#"{"type":"integer"}"#, #"{"type":"integer"},"maxLength":"x""#, "entities[0].fields[0].maxLength: is not a whole number"),
        (#""field":"id""#, #""field":"b.id""#, "entities[0].checks[0].filter.field: «b» is no relation of A"),
        (#""field":"id""#, #""field":"x""#, "entities[0].checks[0].filter.field: «x» is no field"),
        (#""is":"equals""#, #""is":"like""#, "entities[0].checks[0].filter.is: «like» is not known"),
        (#","value":1}"#, "}", "entities[0].checks[0].filter.value: is missing"),
        (#""value":1}"#, #""value":"x"}"#, "entities[0].checks[0].filter.value: "),
        (#""is":"equals","value":1"#, #""is":"has","element":true"#, "entities[0].checks[0].filter.element: is no element of an array"),
        ("{", "[", "unexpected character"),
    ])
    func `says what it cannot read, and where`(found: String, replaced: String, reason: String) throws {
        _ = try Schema(canonicalText: Self.base)
        let range = try #require(Self.base.range(of: found))
        let damaged = Self.base.replacingCharacters(in: range, with: replaced)
        let error = #expect(throws: CanonicalSchemaError.self) { try Schema(canonicalText: damaged) }
        #expect(error?.description.hasPrefix(reason) == true, "\(error?.description ?? "")")
    }
}
