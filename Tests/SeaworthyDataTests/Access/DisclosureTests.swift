import SeaworthyData
import Testing

/// What an answer must not tell of records and fields that the caller cannot see.
@Suite struct DisclosureTests {
    private static let entities = """
        Node:
          key: K
          fields: { K: { type: string }, V: { type: string } }
          \(TestStore.open)
        Private:
          fields: { Link: { references: Node } }
        Shy:
          key: K
          fields: { K: { type: string }, Link: { references: Node } }
          access: { anyone: { read: true, create: true, hide: [Link] } }
        """

    @Test(arguments: ["INSERT INTO privates VALUES ('00000000-0000-7000-8000-000000000000', 'a')", "INSERT INTO shies VALUES ('x', 'a')"])
    func `a delete that is refused names no entity or field that is hidden`(sql: String) async throws {
        let store = try await TestStore(Self.entities)
        try await store.create("Node", #"{"K":"a"}"#)
        try await store.run(sql)
        let refused = await refusal { try await store.delete("Node", "a") }
        #expect(
            refused
                == "record_referenced: This cannot be deleted: other records refer to it.\n record_referenced: other records refer to it")
        #expect(try await store.count("nodes") == 1)
    }

    @Test func `a hidden field takes its default and cannot be set`() async throws {
        let store = try await TestStore(
            "T:\n  fields: { V: { type: string, required: true, default: x } }\n  access: { anyone: { create: true, hide: [V] } }")
        #expect(try await store.create("T", "{}") == #"{"data":null}"#)
        #expect(await refusal { try await store.create("T", #"{"V":"y"}"#) }.contains("unknown_field"))
    }
}
