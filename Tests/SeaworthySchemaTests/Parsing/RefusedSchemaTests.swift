import SeaworthySchema
import Testing

/// Every case of every kind; each marks the exact places and codes.
private let refused =
    RefusedFiles.yaml + RefusedFiles.documents + RefusedFields.types + RefusedFields.bounds + RefusedFields.applicability
    + RefusedFields.defaults + RefusedFields.keys + RefusedEntities.names + RefusedEntities.collisions + RefusedEntities.lists
    + RefusedEntities.views + RefusedEntities.rules + RefusedReferences.targets + RefusedReferences.types + RefusedReferences.names
    + RefusedReferences.actions + RefusedReferences.cycles

struct RefusedSchemaTests {
    @Test(arguments: refused)
    func `names exactly the problems that the case marks, at their places`(_ marked: MarkedSchema) {
        #expect(places(problems(marked.yaml)) == marked.expected)
    }

    @Test func `every code of an error has a case`() {
        // These two are made by texts too large to write down, in YAMLReaderTests, and by warnings, in UnservedFieldsTests.
        let elsewhere: Set<String> = ["too_complex", "unindexed"]
        let covered = Set(refused.flatMap(\.codes)).union(elsewhere)
        #expect(covered == Set(SchemaProblem.Code.all.map(\.rawValue)))
    }

    @Test func `codes are never used twice`() {
        #expect(Set(SchemaProblem.Code.all).count == SchemaProblem.Code.all.count)
    }

    @Test func `every problem has a message, a fix that is a sentence, and a place`() {
        for marked in refused {
            for problem in problems(marked.yaml) {
                #expect(problem.message.hasSuffix("."), "\(problem)")
                #expect(problem.fix.hasSuffix(".") || problem.fix.hasSuffix("?"), "\(problem)")
                #expect(problem.line >= 1 && problem.column >= 1)
                #expect(problem.severity == .error)
                #expect(!problem.description.contains("\n"))
            }
        }
    }

    @Test func `several problems come at once, in the order of the file`() {
        let marked = MarkedSchema(
            """
            name: ⟨wrong_type⟩5
            ⟨not_supported⟩sources: {}
            entities:
              Order:
                key: ⟨unknown_field⟩OrderId
                fields:
                  OrderID: { type: ⟨unknown_type⟩int }
                  CustomerID: { references: ⟨unknown_entity⟩Custmer }
                  Freight: { type: decimal, precision: 12, scale: ⟨contradiction⟩14 }
                  ⟨reserved_name⟩data: { type: json, ⟨unknown_key⟩requird: true }
                ⟨not_supported⟩realtime: true
                checks: { c: { OrderID: 5, ⟨unknown_field⟩Nothing: 1 } }
              ⟨missing_key⟩Customer:
                table: customers
            """)
        #expect(places(problems(marked.yaml)) == marked.expected)
    }

    @Test func `a problem prints as file, line, column, path, message and fix`() throws {
        let marked = MarkedSchema.fields("Freight: { type: decimal, precision: 12, scale: 14 }")
        let error = #expect(throws: SchemaError.self) { try SchemaParser.parse(yaml: marked.yaml, file: "conf/seaworthy.yaml") }
        #expect(
            error?.description
                == "conf/seaworthy.yaml:5:55: error: entities.A.fields.Freight.scale: The scale «14» is more than the precision, "
                + "which is 12. Fix: write at most 12: the precision counts all digits.")
    }

    @Test(arguments: [
        ("{ type: strng }", "did you mean «string»?"), ("{ type: string, requird: true }", "did you mean «required»?"),
        ("{ references: a }", "did you mean «A»?"), ("{ type: string, zzzzzz: true }", "remove it."),
    ])
    func `the fix names what was probably meant`(_ field: String, _ fix: String) {
        #expect(problems(MarkedSchema.fields("F: \(field)").yaml).map(\.fix) == [fix])
    }

    @Test func `an unknown key lists the known ones, without those this version refuses`() {
        let found = problems("name: t\nnope: 1\nentities: { A: { fields: { F: { type: string } } } }\n")
        #expect(found.map(\.message) == ["«nope» is not a key of the schema. Known keys: name, api, identity, limits, entities."])
        #expect(found.map(\.path) == ["nope"])
    }

    @Test func `a cycle of required references is listed`() {
        let found = problems(RefusedReferences.cycles[2].yaml)
        #expect(found.first?.message == "Required references form a circle: A → B → C → A. No first record could be created.")
        #expect(found.last?.message == "Required references form a circle: D → D. No first record could be created.")
    }

    @Test func `every key that this version has not is refused as not supported, whatever stands there`() {
        for section in SchemaSection.allCases {
            for key in section.keys where !key.isSupported {
                let marked: MarkedSchema =
                    switch section {
                    case .document:
                        MarkedSchema("name: t\n⟨not_supported⟩\(key.name): 1\nentities: { A: { fields: { F: { type: string } } } }\n")
                    case .entity: .entity("⟨not_supported⟩\(key.name): {}")
                    case .field: .fields("F: { type: string, ⟨not_supported⟩\(key.name): [] }")
                    case .role: .entity("access: { anyone: { ⟨not_supported⟩\(key.name): true } }")
                    case .identity:
                        MarkedSchema(
                            "name: t\nidentity: { ⟨not_supported⟩\(key.name): 1 }\nentities: { A: { fields: { F: { type: string } } } }\n")
                    case .api, .reference, .audit, .cache, .provider, .limits, .rates: MarkedSchema("")
                    }
                #expect(places(problems(marked.yaml)) == marked.expected)
            }
        }
        let refused = SchemaSection.allCases.map { $0.keys.filter { !$0.isSupported }.map(\.name) }
        #expect(
            refused == [
                ["sources"], [], [], [], [], [],
                ["realtime", "events"], [], [], [], [], [],
            ])
    }

    @Test func `a schema that uses later features is refused for these alone, each at its place`() {
        let marked = MarkedSchema(
            """
            name: northwind
            api: { pageSize: 25, maxPageSize: 200 }
            identity: { register: false, attributes: { employeeId: integer }, providers: {} }
            limits: { default: 300/m, auth: 10/m, import: 5/m }
            ⟨not_supported⟩sources: {}
            entities:
              Customer:
                table: customers
                path: customers
                key: CustomerID
                fields:
                  CustomerID:  { type: string, max: 5, pattern: '^[A-Z0-9]{5}$', column: "CustomerID" }
                  CompanyName: { type: string, required: true, max: 80, search: 3 }
                  Country:     { type: string, max: 30, index: true }
              Order:
                key: OrderID
                fields:
                  OrderID:    { type: integer, generated: true }
                  CustomerID: { references: Customer, as: customer, inverse: orders, onDelete: restrict }
                  OrderDate:  { type: timestamp }
                  ShippedDate: { type: timestamp, readOnly: false, renamedFrom: Shipped }
                  Freight:    { type: decimal, precision: 12, scale: 4, min: 0, default: "0" }
                  Status:     { type: enum, values: [open, shipped, cancelled], default: open }
                checks: { shippedAfterOrdered: { ShippedDate: { gte: $record.OrderDate } } }
                indexes: [[CustomerID, OrderDate]]
                unique: []
                timestamps: true
                softDelete: true
                audit: true
                cache: 30s
                ⟨not_supported⟩realtime: true
                ⟨not_supported⟩events: [created]
                access:
                  anyone:        { read: { Status: { equals: shipped } }, hide: [Freight] }
                  sales:         { read: true, create: true, update: { CustomerID: { equals: $user.email } } }
            """)
        #expect(places(problems(marked.yaml)) == marked.expected)
    }
}
