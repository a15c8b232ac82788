import SeaworthySchema
import Testing

struct SchemaParserTests {
    private func northwindEntity(_ name: String) throws -> Entity {
        try #require(try SchemaParser.parse(yaml: northwind, file: "").schema.entity(named: name))
    }

    @Test func `a whole schema has no problem and no warning`() throws {
        let result = try SchemaParser.parse(yaml: northwind, file: "seaworthy.yaml")
        #expect(result.warnings == [])
        #expect(result.schema.name == "northwind")
        #expect(result.schema.entities.map(\.name) == ["Region", "Customer", "Employee", "Order", "OrderDetail", "Shipment", "Sales"])
        #expect(
            result.schema.entities.map(\.table)
                == ["regions", "customers", "employees", "orders", "order_details", "shipments", "sales_by_country"])
        #expect(
            result.schema.entities.map(\.path) == ["regions", "customers", "employees", "orders", "order-details", "shipments", "sales"])
        #expect(result.schema.entities.map(\.isReadOnly) == [false, false, false, false, false, false, true])
    }

    @Test func `fields have what is declared`() throws {
        let customer = try northwindEntity("Customer")
        #expect(customer.description == "Who buys.")
        #expect(customer.key == [0])
        #expect(
            customer.fields == [
                Field(
                    name: "CustomerID", column: "CustomerID", type: .string, isRequired: true, maxLength: 5,
                    pattern: try Pattern("^[A-Z0-9]{5}$")),
                Field(name: "CompanyName", column: "CompanyName", type: .string, isRequired: true, maxLength: 80, searchWeight: 3),
                Field(name: "Country", column: "Country", type: .string, maxLength: 30),
                Field(name: "Mail", column: "Mail", type: .email),
                Field(name: "Home", column: "Home", type: .url, maxLength: 200, minLength: 8),
            ])
        #expect(customer.indexes == [[2]])
        #expect(customer.unique == [[3]])
        #expect(customer.access == Access())
    }

    @Test func `every type has its bounds and default in canonical form`() throws {
        let employee = try northwindEntity("Employee")
        #expect(
            employee.fields == [
                Field(name: "EmployeeID", column: "EmployeeID", type: .integer, isRequired: true, isGenerated: true),
                Field(name: "LastName", column: "Last Name", type: .string, isRequired: true, maxLength: 20),
                Field(name: "BirthDate", column: "BirthDate", type: .date, minimum: .text("1900-01-01"), maximum: .text("2100-12-31")),
                Field(name: "Photo", column: "Photo", type: .bytes, maxLength: 1000),
                Field(name: "Tags", column: "Tags", type: .array(.string), defaultValue: .value(.text(#"["new"]"#)), maxLength: 5),
                Field(name: "Extra", column: "Extra", type: .json, defaultValue: .value(.text(#"{"level":1}"#))),
                Field(name: "Active", column: "Active", type: .boolean, defaultValue: .value(.integer(1))),
                Field(name: "ReportsTo", column: "ReportsTo", type: .integer),
            ])
        let order = try northwindEntity("Order")
        #expect(order.fields[1].type == .string)
        #expect(order.fields[3].defaultValue == .now)
        #expect(order.fields[5].type == .decimal(precision: 12, scale: 4))
        #expect(order.fields[5].minimum == .integer(0))
        #expect(order.fields[5].defaultValue == .value(.integer(0)))
        #expect(order.fields[6].type == .enum(["open", "shipped", "cancelled"]))
        #expect(order.fields[6].defaultValue == .value(.text("open")))
        #expect(order.fields[7].minimum == .double(0.5))
        #expect(order.fields[7].maximum == .double(10))
        #expect(order.fields[8].minimum == .integer(.min))
    }

    @Test func `references have their names, fields and actions`() throws {
        #expect(
            try northwindEntity("Employee").references == [
                Reference(name: "employee", inverse: "reports", target: "Employee", fields: [7], onDelete: .setNull)
            ])
        #expect(
            try northwindEntity("Order").references == [
                Reference(name: "customer", inverse: "orders", target: "Customer", fields: [1]),
                Reference(name: "employee", inverse: nil, target: "Employee", fields: [2]),
            ])
        #expect(
            try northwindEntity("OrderDetail").references == [
                Reference(name: "order", inverse: "details", target: "Order", fields: [0], onDelete: .cascade)
            ])
        let shipment = try northwindEntity("Shipment")
        #expect(shipment.references == [Reference(name: "detail", inverse: nil, target: "OrderDetail", fields: [1, 2])])
        #expect(shipment.fields.map(\.type) == [.uuid, .integer, .integer])
    }

    @Test func `checks and access rules are resolved to fields`() throws {
        let order = try northwindEntity("Order")
        #expect(order.checks == [Check(name: "shippedAfterOrdered", filter: .compare(field: 4, .gte, .field(3)))])
        #expect(
            order.access.roles == [
                RoleAccess(
                    role: "anyone", read: .when(.compare(field: 6, .equals, .value(.text("shipped")))), create: .always, hidden: [5])
            ])
    }

    @Test func `without a key an entity gets id, a UUID made by the server, first`() throws {
        let entity = try schema(.fields("F: { type: string }")).entities[0]
        #expect(entity.key == [0])
        #expect(entity.fields[0] == Field(name: "id", column: "id", type: .uuid, isRequired: true, isGenerated: true))
        #expect(entity.fields.map(\.name) == ["id", "F"])
    }

    @Test func `a declared id is the key as it is declared`() throws {
        let entity = try schema(.fields("F: { type: string }", "id: { type: integer }")).entities[0]
        #expect(entity.key == [1])
        #expect(entity.fields.map(\.name) == ["F", "id"])
        #expect(entity.fields[1] == Field(name: "id", column: "id", type: .integer, isRequired: true))
        let marked = MarkedSchema.fields("id: { type: ⟨invalid_key⟩json }")
        #expect(places(problems(marked.yaml)) == marked.expected)
    }

    @Test func `a sole key needs no index and no unique constraint of its own`() throws {
        let entity = try schema(.entities("A: { key: F, fields: { F: { type: integer, index: true, unique: true } } }")).entities[0]
        #expect(entity.indexes == [])
        #expect(entity.unique == [])
        let pair = try schema(
            .entities("A: { key: [F, G], fields: { F: { type: integer, index: true }, G: { type: uuid, unique: true } } }"))
        #expect(pair.entities[0].indexes == [[0]])
        #expect(pair.entities[0].unique == [[1]])
    }

    @Test func `indexes of single fields stand before listed ones`() throws {
        let entity = try schema(
            .entity("indexes: [[F, G], [G, F]]", fields: "F: { type: string }\n      G: { type: string, index: true }")
        ).entities[0]
        #expect(entity.indexes == [[2], [1, 2], [2, 1]])
    }

    @Test(arguments: [
        ("", 25, 200), ("api: {}", 25, 200), ("api: { pageSize: 1 }", 1, 200), ("api: { pageSize: 300 }", 300, 300),
        ("api: { maxPageSize: 10 }", 10, 10), ("api: { maxPageSize: 10000 }", 25, 10000),
        ("api: { pageSize: 10, maxPageSize: 10 }", 10, 10),
    ])
    func `page sizes that are not given follow from the other`(_ api: String, _ page: Int, _ largest: Int) throws {
        let schema = try schema(MarkedSchema("name: t\n\(api)\nentities: { A: { fields: { F: { type: string } } } }\n"))
        #expect(schema.api == Schema.API(pageSize: page, maxPageSize: largest))
    }

    @Test(arguments: [
        ("CustomerID: { references: S }", "customer"), ("ownerId: { references: S }", "owner"), ("owner_id: { references: S }", "owner"),
        ("ShipVia: { references: S }", "s"), ("via: { references: S }", "s"),
        ("SID: { references: S }", "s"), ("dataID: { references: S }", "s"), ("F: { references: S, as: F2 }", "F2"),
    ])
    func `a relation's name follows from the field, else from the target`(_ field: String, _ name: String) throws {
        let schema = try schema(
            .entities("S: { fields: { K: { type: integer } } }", "A: { key: K, fields: { K: { type: integer }, \(field) } }"))
        #expect(schema.entities[1].references.map(\.name) == [name])
    }

    @Test func `optional references may form a circle`() throws {
        #expect(
            problems(
                MarkedSchema.entities(
                    "A: { fields: { F: { references: B, required: true } } }", "B: { fields: { F: { references: A } } }"
                ).yaml) == [])
    }

    @Test func `bounds are accepted up to their limits`() {
        for field in [
            "{ type: string, min: 0, max: 1 }", "{ type: string, min: 3, max: 3 }", "{ type: integer, min: 3, max: 3 }",
            "{ type: integer, max: 9007199254740991, min: -9007199254740991 }", "{ type: decimal, precision: 1, scale: 0 }",
            "{ type: decimal, precision: 18, scale: 18 }", "{ type: string, search: 1 }", "{ type: string, search: 100 }",
            "{ type: decimal, precision: 4, scale: 2, max: 99.99 }", "{ type: date, min: 2024-01-01, max: 2024-01-01 }",
            "{ type: array, items: decimal, precision: 5, scale: 2 }", "{ type: array, items: enum, values: [a] }",
            "{ type: enum, values: [\((0..<200).map { "v\($0)" }.joined(separator: ", "))] }",
            "{ type: string, required: true, readOnly: true, default: a }",
            "{ type: timestamp, required: true, readOnly: true, default: now }",
            "{ type: timestamp, min: '2024-01-01T00:00:00Z' }", "{ type: string, column: \(String(repeating: "c", count: 63)) }",
        ] {
            #expect(problems(MarkedSchema.fields("F: \(field)").yaml) == [], "\(field)")
        }
        #expect(problems(MarkedSchema.fields("\(String(repeating: "f", count: 63)): { type: string }").yaml) == [])
        #expect(problems(MarkedSchema.entity("path: \(String(repeating: "p", count: 63))").yaml) == [])
        #expect(problems(MarkedSchema.entity("table: 'Order Details'").yaml) == [])
    }

    @Test(arguments: ["string", "text", "email", "url", "integer", "bigint", "date", "timestamp", "uuid"])
    func `these types can be keys`(_ type: String) {
        #expect(problems(MarkedSchema.entities("A: { key: F, fields: { F: { type: \(type) } } }").yaml) == [])
        let isGeneratable = ["integer", "bigint", "uuid"].contains(type)
        let generated = MarkedSchema.entities("A: { key: F, fields: { F: { type: \(type), generated: true } } }")
        #expect(problems(generated.yaml).map(\.code) == (isGeneratable ? [] : [.invalidKey]))
    }
}
