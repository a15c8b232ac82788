import SeaworthySchema
import Testing

struct UnservedFieldsTests {
    private static let target = "S: { key: K, fields: { K: { type: integer } } }"

    private func warnings(_ marked: MarkedSchema) throws -> [SchemaProblem] {
        try SchemaParser.parse(yaml: marked.yaml, file: "seaworthy.yaml").warnings
    }

    @Test(arguments: [
        MarkedSchema.entities(target, "A: { fields: { F: { ⟨unindexed⟩references: S } } }"),
        .entities(target, "A: { fields: { F: { ⟨unindexed⟩references: S }, G: { type: string } }, indexes: [[G, F]] }"),
        .entities(target, "A: { key: [G, F], fields: { F: { ⟨unindexed⟩references: S }, G: { type: string } } }"),
        .entities(target, "A: { fields: { F: { references: S, index: true } } }"),
        .entities(target, "A: { fields: { F: { references: S, unique: true } } }"),
        // A purge looks for deleted records too, which the index that keeps the others unique does not hold.
        .entities(target, "A: { softDelete: true, fields: { F: { ⟨unindexed⟩references: S, unique: true } } }"),
        .entities(target, "A: { softDelete: true, fields: { F: { references: S, unique: true, index: true } } }"),
        .entities(target, "A: { fields: { F: { references: S }, G: { type: string } }, indexes: [[F, G]] }"),
        .entities(target, "A: { fields: { F: { references: S }, G: { type: string } }, unique: [[F, G]] }"),
        .entities(target, "A: { key: [F, G], fields: { F: { references: S }, G: { type: string } } }"),
        .entities(target, "V: { readOnly: true, key: G, fields: { F: { references: S }, G: { type: string } } }"),
        .entity("access: { anyone: { ⟨unindexed⟩read: { F: a } } }"),
        .entity("access: { anyone: { update: { F: a }, delete: { NOT: { F: a } } } }"),
        .entity("access: { anyone: { ⟨unindexed⟩read: { NOT: { F: a } } } }"),
        .entity("access: { anyone: { create: { F: a } } }"),
        .entity("access: { anyone: { read: { id: { isNull: false } } } }"),
        .entity("access: { anyone: { read: { F: a } } }", fields: "F: { type: string, index: true }"),
        .entity(
            "access: { anyone: { read: { F: a, G: b } } }\n    indexes: [[G, F]]", fields: "F: { type: string }\n      G: { type: string }"),
        .entity(
            "access: { anyone: { ⟨unindexed⟩read: { F: a } } }\n    indexes: [[G, F]]",
            fields: "F: { type: string }\n      G: { type: string }"),
        .entity("checks: { c: { F: a } }"),
    ])
    func `warns of references and rules that no index serves`(_ marked: MarkedSchema) throws {
        let warnings = try warnings(marked)
        #expect(places(warnings) == marked.expected)
        #expect(warnings.allSatisfy { $0.severity == .warning })
    }

    @Test func `a warning says what to add`() throws {
        let marked = MarkedSchema.entities(Self.target, "A: { fields: { F: { references: S } } }")
        #expect(
            try warnings(marked).map(\.description) == [
                "seaworthy.yaml:4:23: warning: entities.A.fields.F.references: No index serves this reference, so every delete of a record "
                    + "of S reads all of A. Fix: add `index: true`."
            ])
    }

    @Test func `a composite reference is served by an index on its fields in any order`() throws {
        let pair = "P: { key: [K, L], fields: { K: { type: integer }, L: { type: string } } }"
        let fields = "F: { references: { entity: P, fields: [F, G] } }, G: { type: string }"
        #expect(try warnings(.entities(pair, "A: { fields: { \(fields) }, indexes: [[G, F]] }")) == [])
        #expect(
            try warnings(.entities(pair, "A: { fields: { \(fields) }, indexes: [[G]] }")).map(\.fix) == ["add `[F, G]` to `indexes`."])
    }
}
