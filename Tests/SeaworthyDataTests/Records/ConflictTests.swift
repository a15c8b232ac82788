import SeaworthyData
import SeaworthySchema
import Testing

@Suite struct ConflictTests {
    static let entities = """
        Customer:
          key: Code
          fields:
            Code: { type: string }
            Email: { type: string, unique: true, column: "e-mail" }
            First: { type: string }
            Last: { type: string }
            Hidden: { type: string, unique: true, default: h }
          unique: [[First, Last]]
          access: { anyone: { read: true, create: true, update: true, hide: [Hidden] } }
        Product:
          key: [Maker, Number]
          fields:
            Maker: { type: string }
            Number: { type: integer }
          \(TestStore.open)
        Order:
          key: OrderID
          fields:
            OrderID: { type: integer, generated: true }
            Customer: { references: Customer, as: customer }
            Payer: { references: Customer, as: payer }
            Maker: { type: string }
            Number: { references: { entity: Product, fields: [Maker, Number] }, as: product }
          \(TestStore.open)
        """

    private func store() async throws -> TestStore {
        let store = try await TestStore(Self.entities)
        try await store.run(
            "INSERT INTO customers (Code, \"e-mail\", First, Last, Hidden) VALUES ('a', 'a@x', 'Ann', 'Lee', 'q'), ('b', 'b@x', 'Bob', 'Lee', 'r')"
        )
        try await store.create("Product", #"{"Maker":"m","Number":1}"#)
        return store
    }

    @Test(arguments: [
        (#"{"Code":"a"}"#, "Another Customer has the same Code.\n/Code unique_conflict: is taken already"),
        (#"{"Code":"c","Email":"a@x"}"#, "Another Customer has the same Email.\n/Email unique_conflict: is taken already"),
        (
            #"{"Code":"c","First":"Ann","Last":"Lee"}"#,
            "Another Customer has the same First and Last.\n/First unique_conflict: is taken already\n/Last unique_conflict: is taken already"
        ),
    ])
    func `a unique conflict names the fields`(body: String, expected: String) async throws {
        let store = try await store()
        #expect(await refusal { try await store.create("Customer", body) } == "unique_conflict: " + expected)
        #expect(try await store.count("customers") == 2)
    }

    @Test(arguments: [
        #"{"Code":"c","First":"Ann"}"#, #"{"Code":"c","First":"Ann","Last":null}"#, #"{"Code":"c","First":"ann","Last":"Lee"}"#,
    ])
    func `null and another case are no conflict`(body: String) async throws {
        let store = try await store()
        #expect(await refusal { try await store.create("Customer", body) } == "done")
    }

    @Test func `a unique conflict of a patch names the fields and changes nothing`() async throws {
        let store = try await store()
        let before = try await store.read("Customer", "b")
        let refused = await refusal { try await store.update("Customer", "b", patch: #"{"First":"Ann","Email":"new"}"#) }
        #expect(refused.hasPrefix("unique_conflict: Another Customer has the same First and Last.\n"))
        #expect(try await store.read("Customer", "b") == before)
    }

    @Test func `a conflict in a hidden field does not name it`() async throws {
        let store = try await store()
        try await store.create("Customer", #"{"Code":"c"}"#)
        let refused = await refusal { try await store.create("Customer", #"{"Code":"d"}"#) }
        #expect(refused == "unique_conflict: Another Customer is the same in what may stand only once.\n unique_conflict: is taken already")
    }

    @Test func `a conflict of a composite key names its parts`() async throws {
        let store = try await store()
        let refused = await refusal { try await store.create("Product", #"{"Maker":"m","Number":1}"#) }
        #expect(refused.hasPrefix("unique_conflict: Another Product has the same Maker and Number.\n/Maker "))
    }

    static let references: [(String, String)] = [
        (#"{"Customer":"x"}"#, "/Customer reference_not_found: there is no Customer with this key"),
        (
            #"{"Customer":"x","Payer":"y"}"#,
            "/Customer reference_not_found: there is no Customer with this key\n/Payer reference_not_found: there is no Customer with this key"
        ),
        (#"{"Customer":"a","Payer":"y"}"#, "/Payer reference_not_found: there is no Customer with this key"),
        (
            #"{"Maker":"m","Number":2}"#,
            "/Maker reference_not_found: there is no Product with this key\n/Number reference_not_found: there is no Product with this key"
        ),
    ]

    @Test(arguments: Self.references)
    func `a reference to nothing names each of its fields`(body: String, problems: String) async throws {
        let store = try await store()
        let expected = "reference_not_found: The Order refers to what is not there.\n" + problems
        #expect(await refusal { try await store.create("Order", body) } == expected)
        #expect(try await store.count("orders") == 0)
        let key = try await store.created("Order", #"{"Customer":"a","Payer":"b","Maker":"m","Number":1}"#).keyPath
        let before = try await store.read("Order", key)
        #expect(await refusal { try await store.update("Order", key, patch: body) } == expected)
        #expect(try await store.read("Order", key) == before)
    }

    @Test(arguments: ["{}", #"{"Customer":"a","Payer":null}"#, #"{"Maker":"m","Number":1}"#, #"{"Maker":"nobody"}"#, #"{"Number":99}"#])
    func `references that hold, or have a null part, are taken`(body: String) async throws {
        let store = try await store()
        #expect(await refusal { try await store.create("Order", body) } == "done")
    }

    @Test(.disabled(if: TestStore.isOnPostgres, "a sequence of PostgreSQL does not go back"))
    func `a refused write uses up no generated key`() async throws {
        let store = try await store()
        _ = await refusal { try await store.create("Order", #"{"Customer":"x"}"#) }
        #expect(try await store.created("Order", "{}").keyPath == "1")
    }
}
