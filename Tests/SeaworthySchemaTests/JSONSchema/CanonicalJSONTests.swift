import SeaworthySchema
import Testing

struct CanonicalJSONTests {
    private func text(_ marked: MarkedSchema) throws -> String {
        try schema(marked).canonicalJSON.compactText
    }

    @Test func `holds the whole model`() throws {
        let marked = MarkedSchema(
            """
            name: t
            entities:
              A:
                description: Things.
                key: [K, L]
                fields:
                  K: { type: decimal, precision: 5, scale: 2, min: 1, max: 2 }
                  L: { type: enum, values: [a, b] }
                  T: { type: timestamp, default: now, readOnly: true, column: when }
                  P: { type: string, required: true, min: 1, max: 9, pattern: 'a+', search: 7, default: aa, description: Text. }
                  R: { references: { entity: A, fields: [R, S] }, as: r, inverse: rs, onDelete: cascade }
                  S: { type: enum, values: [a, b] }
                  X: { type: array, items: integer }
                checks: { c: { T: { gte: $record.T, lt: "2024-01-01T00:00:00Z" } } }
                indexes: [[T, P]]
                unique: [[P]]
                access:
                  anyone:
                    read: { OR: [{ P: { contains: z, mode: sensitive } }, { NOT: { X: { has: 5 } } }, { S: { in: [a] } }, { T: null }] }
                    create: false
                    hide: [P, K]
            """)
        func field(
            _ name: String, column: String? = nil, _ type: String, description: String = "null", required: Bool = false,
            readOnly: Bool = false, initial: String = "null", lengths: (String, String) = ("null", "null"),
            bounds: (String, String) = ("null", "null"), pattern: String = "null", search: String = "null"
        ) -> String {
            #"{"name":"\#(name)","column":"\#(column ?? name)","type":\#(type),"description":\#(description),"required":\#(required),"#
                + #""generated":false,"readOnly":\#(readOnly),"default":\#(initial),"minLength":\#(lengths.0),"maxLength":\#(lengths.1),"#
                + #""minimum":\#(bounds.0),"maximum":\#(bounds.1),"pattern":\#(pattern),"search":\#(search),"managed":null}"#
        }
        let fields = [
            field("K", #"{"type":"decimal","precision":5,"scale":2}"#, required: true, bounds: (#""1.00""#, #""2.00""#)),
            field("L", #"{"type":"enum","values":["a","b"]}"#, required: true),
            field("T", column: "when", #"{"type":"timestamp"}"#, readOnly: true, initial: #"{"now":true}"#),
            field(
                "P", #"{"type":"string"}"#, description: #""Text.""#, required: true, initial: #"{"value":"aa"}"#, lengths: ("1", "9"),
                pattern: #""a+""#, search: "7"),
            field("R", #"{"type":"decimal","precision":5,"scale":2}"#), field("S", #"{"type":"enum","values":["a","b"]}"#),
            field("X", #"{"type":"array","items":{"type":"integer"}}"#),
        ]
        let read =
            #"{"any":[{"field":"P","is":"contains","text":"z","mode":"sensitive"},{"all":[{"not":{"field":"X","is":"has","element":5}}]},"#
            + #"{"field":"S","is":"in","values":["a"]},{"field":"T","is":"isNull","value":true}]}"#
        let check =
            #"{"all":[{"field":"T","is":"gte","other":"T"},{"field":"T","is":"lt","value":"2024-01-01T00:00:00.000000Z"}]}"#
        let expected =
            #"{"format":1,"name":"t","api":{"pageSize":25,"maxPageSize":200},"identity":{"attributes":[]},"entities":[{"name":"A","table":"as","path":"as","#
            + #""description":"Things.","key":["K","L"],"fields":["# + fields.joined(separator: ",")
            + #"],"references":[{"name":"r","inverse":"rs","target":"A","fields":["R","S"],"onDelete":"cascade"}],"#
            + #""checks":[{"name":"c","filter":\#(check)}],"indexes":[["T","P"]],"unique":[["P"]],"#
            + #""access":[{"role":"anyone","read":\#(read),"create":false,"update":false,"delete":false,"restore":false,"purge":false,"history":false,"hide":["K","P"],"readOnly":[]}],"readOnly":false,"audit":null}]}"#
        let found = try text(marked)
        #expect(found == expected)
    }

    @Test func `does not depend on how the file is written`() throws {
        let block = "name: t\nentities:\n  A:\n    fields:\n      F:\n        type: string\n        max: 5\n"
        let flow = "entities: {A: {fields: {F: {max: 5, 'type': \"string\"}}}}\n# a comment\nname: t\napi: {}\n"
        #expect(try text(MarkedSchema(block)) == text(MarkedSchema(flow)))
    }

    @Test(arguments: [
        "F: { type: string, max: 6 }", "F: { type: text, max: 5 }", "F: { type: string, max: 5, column: G }",
        "F: { type: string, max: 5, default: '' }", "G: { type: string, max: 5 }", "F: { type: string, max: 5, index: true }",
    ])
    func `differs when the model does`(_ field: String) throws {
        #expect(try text(.fields(field)) != text(.fields("F: { type: string, max: 5 }")))
    }
}
