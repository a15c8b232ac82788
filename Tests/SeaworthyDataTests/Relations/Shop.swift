import SeaworthyData
import SeaworthySchema

/// A small shop whose entities point at each other in every way: to one, to many, to themselves, by two fields.
enum Shop {
    static let entities = """
        Region:
          key: Code
          fields:
            Code: { type: string, max: 3 }
            Name: { type: string }
          access: { anyone: { read: true, create: true } }
        Person:
          key: ID
          fields:
            ID: { type: integer }
            Name: { type: string, required: true, search: 1 }
            Salary: { type: integer }
            BossID: { references: Person, as: boss, inverse: staff, onDelete: setNull, index: true }
            RegionCode: { references: Region, as: region, inverse: people, index: true }
          access:
            anyone: { read: true, create: true, update: true, delete: true, hide: [Salary] }
            payroll: { read: { RegionCode: N } }
        Order:
          key: ID
          fields:
            ID: { type: integer }
            PersonID: { references: Person, as: person, inverse: orders, index: true }
            Status: { type: enum, values: [open, sent], required: true, default: open }
            Total: { type: decimal, precision: 9, scale: 2 }
          access:
            anyone: { read: { Status: sent }, create: true }
            clerk: { read: true, update: { "person.region.Code": N }, delete: true, create: { "person.RegionCode": { equals: $user.region } } }
            boss: { read: { "person.boss.ID": { equals: $user.person } } }
        Line:
          key: [OrderID, Number]
          fields:
            OrderID: { references: Order, as: order, inverse: lines, onDelete: cascade }
            Number: { type: integer }
            Quantity: { type: integer, default: 1 }
            Secret: { type: string }
          access:
            anyone: { read: { "order.Status": sent }, create: true, hide: [Secret] }
            clerk: { read: true }
        Note:
          key: ID
          fields:
            ID: { type: integer }
            OrderID: { references: { entity: Line, fields: [OrderID, Number] }, as: line, inverse: notes, onDelete: cascade }
            Number: { type: integer }
            Text: { type: string }
          indexes: [[OrderID, Number]]
          access: { anyone: { read: true, create: true } }
        Hidden:
          key: ID
          fields:
            ID: { type: integer }
            PersonID: { references: Person, as: person, inverse: secrets, index: true }
          access: { clerk: { read: true, create: true } }
        """

    static let preamble = "identity: { attributes: { region: string, person: integer } }\n"

    static let clerk = Caller(user: .init(id: "u1", attributes: ["region": .text("N")]), roles: ["clerk"])
    static let boss = Caller(user: .init(id: "u2", attributes: ["person": .integer(1)]), roles: ["boss"])
    static let payroll = Caller(user: .init(id: "u3"), roles: ["payroll"])
    static let admin = Caller(user: .init(id: "u4"), roles: ["admin"])

    static func store() async throws -> TestStore {
        let store = try await TestStore(entities, preamble: preamble)
        try await store.fill("INSERT INTO regions VALUES (?1, ?2)", [[.text("N"), .text("North")], [.text("S"), .text("South")]])
        try await store.fill(
            "INSERT INTO persons VALUES (?1, ?2, ?3, ?4, ?5)",
            [
                [.integer(1), .text("Ann"), .integer(900), .null, .text("N")],
                [.integer(2), .text("Bob"), .integer(500), .integer(1), .text("S")],
                [.integer(3), .text("Cid"), .integer(400), .integer(1), .null],
                [.integer(4), .text("Dee"), .null, .integer(2), .text("N")],
            ])
        try await store.fill(
            "INSERT INTO orders VALUES (?1, ?2, ?3, ?4)",
            [
                [.integer(10), .integer(1), .text("sent"), .integer(1000)], [.integer(11), .integer(2), .text("sent"), .integer(250)],
                [.integer(12), .integer(2), .text("open"), .integer(9900)], [.integer(13), .integer(4), .text("open"), .null],
                [.integer(14), .null, .text("sent"), .integer(1)],
            ])
        try await store.fill(
            "INSERT INTO lines VALUES (?1, ?2, ?3, ?4)",
            [
                [.integer(10), .integer(1), .integer(5), .text("s")], [.integer(10), .integer(2), .integer(7), .null],
                [.integer(10), .integer(3), .integer(1), .null], [.integer(12), .integer(1), .integer(2), .null],
            ])
        try await store.fill(
            "INSERT INTO notes VALUES (?1, ?2, ?3, ?4)",
            [[.integer(1), .integer(10), .integer(2), .text("a")], [.integer(2), .integer(10), .null, .text("b")]])
        try await store.fill("INSERT INTO hiddens VALUES (?1, ?2)", [[.integer(1), .integer(1)]])
        return store
    }
}
