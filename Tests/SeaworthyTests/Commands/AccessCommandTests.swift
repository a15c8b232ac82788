import Foundation
import SeaworthySchema
import Testing

@Suite struct `seaworthy access explain` {
    private static let schema = """
        name: shop
        identity: { attributes: { region: string, level: integer } }
        entities:
          Order:
            key: id
            fields:
              id: { type: integer, generated: true }
              owner: { type: string }
              region: { type: string }
              level: { type: integer }
              note: { type: string }
              price: { type: integer }
            access:
              anyone: { create: true, hide: [note] }
              authenticated: { read: { owner: { equals: $user.id } } }
              sales: { read: { region: { equals: $user.region } }, update: true, delete: { level: { lte: $user.level } }, hide: [owner], readOnly: [price] }

        """

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write(Self.schema, to: "seaworthy.yaml")
        return folder
    }

    private func explain(_ arguments: [String], in folder: TemporaryFolder) async throws -> String {
        let outcome = try await SeaworthyProcess.run(["access", "explain"] + arguments, in: folder.url)
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        return outcome.output
    }

    @Test func `tells what a role gives from the schema alone`() async throws {
        let folder = try folder()
        #expect(
            try await explain(["role:sales", "Order"], in: folder) == """
                Order, for whoever has the role sales
                  roles: anyone, authenticated, sales

                read: on a condition
                  authenticated: when owner is the user's id
                  sales: when region is the user's region

                create: always
                  anyone: always

                update: always
                  sales: always

                delete: on a condition
                  sales: when level is at most the user's level

                restore: never

                purge: never

                history: never

                fields: all but these are as the record
                  owner: seen in some records, set by create (hidden by sales)
                  note: seen, set by update (hidden by anyone)
                  price: seen, set by create (read-only by sales)

                """)
        let nobody = try await explain(["anyone", "Order"], in: folder)
        #expect(nobody.hasPrefix("Order, for nobody who has signed in\n  roles: anyone\n\nread: never\n\ncreate: always\n"))
        #expect(nobody.hasSuffix("fields: all but these are as the record\n  note: never seen, never set (hidden by anyone)\n"))
        let admin = try await explain(["role:admin", "Order"], in: folder)
        #expect(admin.contains("purge: never, since deleted records of Order do not stay\n  admin: always\n"))
        #expect(admin.hasSuffix("\nfields: none is hidden or read-only\n"))
        // A command that only looks leaves nothing behind.
        #expect(!folder.exists(".seaworthy") && !folder.exists("seaworthy.db"))
    }

    @Test func `puts in what is known of a user, and says what is not`() async throws {
        let folder = try folder()
        let made = try await SeaworthyProcess.run(
            ["user", "create", "--email", "ann@example.com", "--role", "sales", "--json"], in: folder.url)
        guard case .object(let user) = try JSONParser.parse(made.output), case .string(let id)? = user["id"] else { return }
        _ = try await SQLiteShell.rows(
            #"UPDATE seaworthy_users SET attributes = '{"region":"north"}'"#, in: folder.url.appendingPathComponent("seaworthy.db"))
        let text = try await explain(["Ann@Example.com", "Order"], in: folder)
        #expect(
            text.hasPrefix(
                """
                Order, for ann@example.com
                  roles: anyone, authenticated, sales
                  $user.id is "\(id)"
                  $user.email is "ann@example.com"
                  $user.region is "north"
                  $user.level is not known

                read: on a condition
                  authenticated: when owner is the user's id — that is, owner is "\(id)"
                  sales: when region is the user's region — that is, region is "north"

                """), "\(text)")
        #expect(text.contains("delete: never\n  sales: when level is at most the user's level — $user.level not known, so never\n"))

        guard case .object(let json) = try JSONParser.parse(try await explain(["ann@example.com", "Order", "--json"], in: folder)),
            case .array(let operations)? = json["operations"], case .array(let fields)? = json["fields"]
        else { return }
        #expect(json["entity"] == "Order" && json["roles"] == ["anyone", "authenticated", "sales"])
        #expect(
            json["subject"] == [
                "kind": "user", "isDisabled": false,
                "known": ["id": .string(id), "email": "ann@example.com", "region": "north", "level": nil],
            ])
        #expect(
            operations[3] == [
                "operation": "delete", "allowed": "never", "obstacle": nil,
                "grants": [
                    [
                        "role": "sales", "allowed": "never", "condition": "level is at most the user's level", "known": nil,
                        "notKnown": ["level"],
                    ]
                ],
            ])
        #expect(
            fields[1] == [
                "field": "owner", "seen": "when", "hiddenBy": ["sales"], "readOnlyBy": [], "isSetByCreate": true, "isSetByUpdate": false,
            ])

        // An address that is not proven is none, and who is disabled is said to be.
        _ = try await SQLiteShell.rows(
            "UPDATE seaworthy_users SET verified_at = NULL, disabled_at = 1", in: folder.url.appendingPathComponent("seaworthy.db"))
        let disabled = try await explain(["ann@example.com", "Order"], in: folder)
        #expect(disabled.contains("  disabled: cannot sign in") && disabled.contains("  $user.email is not known\n"))
        for (subject, kind) in [("anyone", JSONValue.string("anyone")), ("role:sales", "role")] {
            guard case .object(let json) = try JSONParser.parse(try await explain([subject, "Order", "--json"], in: folder)),
                case .object(let who)? = json["subject"]
            else { return }
            #expect(who["kind"] == kind)
        }
    }

    @Test func `names what it does not know`() async throws {
        let folder = try folder()
        let cases: [([String], Int32, String)] = [
            (["anyone", "Ordr"], 1, "did you mean «Order»?"), (["role:sale", "Order"], 1, "did you mean «sales»?"),
            (["role:", "Order"], 1, "is no role of seaworthy.yaml"), (["bob@example.com", "Order"], 1, "no user with this address"),
            (["anyone", "Order", "--schema", "none.yaml"], 1, "there is no schema file at none.yaml"), (["anyone"], 64, "entity"),
        ]
        for (arguments, status, text) in cases {
            let outcome = try await SeaworthyProcess.run(["access", "explain"] + arguments, in: folder.url)
            #expect(outcome.status == status && outcome.errors.contains(text), "\(arguments): \(outcome.errors)")
        }
    }
}
