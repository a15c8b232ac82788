import SeaworthySchema
import Testing

@testable import SeaworthyData

@Suite struct `An explanation of access` {
    private static func schema() throws -> Schema {
        try TestStore.schema(
            """
            Order:
              key: id
              audit: true
              softDelete: true
              fields:
                id: { type: integer, generated: true }
                owner: { type: string }
                region: { type: string }
                price: { type: integer }
                note: { type: string }
                customerID: { references: Customer, as: customer }
              access:
                anyone: { create: true, hide: [note, price] }
                authenticated: { read: { owner: { equals: $user.id } }, update: { owner: { equals: $user.id } }, hide: [note], readOnly: [price] }
                sales: { read: { region: { equals: $user.region } }, delete: { "customer.region": { equals: $user.region } }, history: true, hide: [owner] }
                auditor: { read: true, history: true, purge: true, readOnly: [note] }
                writer: { update: true, delete: true }
            Customer:
              key: id
              fields: { id: { type: integer, generated: true }, region: { type: string } }
              access: { sales: { read: true } }
            """, preamble: "identity: { attributes: { region: string, level: integer } }\n")
    }

    private func explain(_ subject: AccessExplanation.Subject, _ entity: String = "Order") throws -> AccessExplanation {
        let schema = try Self.schema()
        return AccessExplanation(subject, of: try #require(schema.entity(named: entity)), in: schema)
    }

    private func user(_ roles: [String], _ attributes: [String: Value] = [:]) -> User {
        var user = User(id: "u1", email: "ann@example.com", now: 0)
        user.roles = roles
        user.attributes = attributes
        return user
    }

    /// `read when` and so on, with an obstacle in parentheses.
    private func extents(_ explanation: AccessExplanation) -> [String] {
        explanation.operations.map { "\($0.name) \($0.extent.rawValue)\($0.obstacle.map { " (\($0))" } ?? "")" }
    }

    private func grants(_ explanation: AccessExplanation, _ operation: String) -> [String] {
        (explanation.operations.first { $0.name == operation }?.grants ?? []).map { grant in
            [grant.role, grant.extent.rawValue, grant.condition, grant.known, grant.unknown.joined(separator: ",")]
                .compactMap { $0?.isEmpty == false ? $0 : nil }.joined(separator: "|")
        }
    }

    private func fields(_ explanation: AccessExplanation) -> [String] {
        explanation.fields.filter { !$0.hiddenBy.isEmpty || !$0.readOnlyBy.isEmpty }.map { field in
            "\(field.name) \(field.seen.rawValue) hidden:\(field.hiddenBy.joined(separator: ",")) readOnly:\(field.readOnlyBy.joined(separator: ",")) \(field.isSetByCreate ? "C" : "-")\(field.isSetByUpdate ? "U" : "-")"
        }
    }

    @Test func `puts in what is known of a user, and joins their roles`() throws {
        let told = try explain(.user(user(["sales"], ["region": .text("north")])))
        #expect(told.roles == ["anyone", "authenticated", "sales"])
        #expect(
            extents(told) == [
                "read when", "create always", "update when", "delete when", "restore never", "purge never", "history always",
            ])
        #expect(
            grants(told, "read") == [
                #"authenticated|when|owner is the user's id|owner is "u1""#, #"sales|when|region is the user's region|region is "north""#,
            ])
        #expect(grants(told, "delete") == [#"sales|when|customer.region is the user's region|customer.region is "north""#])
        #expect(grants(told, "history") == ["sales|always"])
        #expect(grants(told, "create") == ["anyone|always"])
        #expect(
            fields(told) == [
                "owner when hidden:sales readOnly: CU", "price always hidden:anyone readOnly:authenticated --",
                "note when hidden:anyone,authenticated readOnly: --",
            ])
    }

    @Test func `says what is not known, and that its rule is never met`() throws {
        let told = try explain(.user(user(["sales"])))
        #expect(grants(told, "read")[1] == "sales|never|region is the user's region|region")
        #expect(extents(told)[3] == "delete never")
        // Not seen by way of a role that admits nothing.
        #expect(fields(told).last == "note never hidden:anyone,authenticated readOnly: --")
        let nobody = try explain(.anyone)
        #expect(nobody.roles == ["anyone"])
        #expect(extents(nobody)[0...1] == ["read never", "create always"])
        #expect(grants(nobody, "read").isEmpty)
    }

    @Test func `tells rules of a role as they are written`() throws {
        let told = try explain(.role("sales"))
        #expect(told.roles == ["anyone", "authenticated", "sales"])
        #expect(
            grants(told, "read") == ["authenticated|when|owner is the user's id", "sales|when|region is the user's region"])
        #expect(extents(told)[0] == "read when")
        #expect(try explain(.role("anyone")).roles == ["anyone"])
        #expect(try explain(.role("authenticated")).roles == ["anyone", "authenticated"])
    }

    @Test func `has everything for administrators`() throws {
        for subject in [AccessExplanation.Subject.role("admin"), .user(user(["sales", "admin"]))] {
            let told = try explain(subject)
            #expect(told.roles == ["admin"])
            #expect(told.operations.allSatisfy { $0.extent == .always && $0.grants.map(\.role) == ["admin"] })
            #expect(told.fields.allSatisfy { $0.seen == .always && $0.isSetByCreate && $0.isSetByUpdate })
        }
    }

    @Test func `names what stands in the way besides rules`() throws {
        let customers = try explain(.role("admin"), "Customer")
        #expect(
            extents(customers) == [
                "read always", "create always", "update always", "delete always", "restore never (deleted records of Customer do not stay)",
                "purge never (deleted records of Customer do not stay)", "history never (Customer keeps no history)",
            ])
        // Without reading there is no changing.
        var schema = try Self.schema()
        schema.entities[0].access.roles.removeAll { $0.role == "authenticated" }
        let writer = AccessExplanation(.role("writer"), of: schema.entities[0], in: schema)
        #expect(extents(writer)[2...3] == ["update never (it takes read as well)", "delete never (it takes read as well)"])
        #expect(extents(writer)[1] == "create always")
        schema.entities[0].isReadOnly = true
        let view = AccessExplanation(.role("admin"), of: schema.entities[0], in: schema)
        #expect(extents(view)[0...1] == ["read always", "create never (Order is a view)"])
        #expect(extents(view)[6] == "history always")
    }

    @Test func `says of each operation what the engine allows`() async throws {
        let test = try await TestStore("Order:\n  fields: { a: { type: integer } }\n  access: { sales: { read: true, update: true } }")
        let records = try test.collection("Order")
        for role in ["anyone", "sales"] {
            let subject = AccessExplanation.Subject.role(role)
            let told = AccessExplanation(subject, of: records.entity, in: test.records.schema)
            for (operation, line) in zip(RecordCollection.Operation.allCases, told.operations) {
                let caller = subject.caller(test.records.schema.identity)
                #expect((line.extent != .never) == records.allows(operation, to: caller), "\(role) \(operation)")
            }
        }
    }
}
