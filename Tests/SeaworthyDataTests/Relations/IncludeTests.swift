import SeaworthyData
import SeaworthyQuery
import SeaworthySchema
import Testing

@Suite struct IncludeTests {
    @Test func `a record comes with those that its relations lead to`() async throws {
        let store = try await Shop.store()
        #expect(
            try await store.read("Person", "2", select: "ID,boss.Name,region.Name")
                == #"{"data":{"ID":2,"boss":{"Name":"Ann"},"region":{"Name":"South"}}}"#)
        #expect(
            try await store.read("Person", "3", select: "ID", include: "boss.region,region")
                == #"{"data":{"ID":3,"boss":{"ID":1,"Name":"Ann","BossID":null,"RegionCode":"N","region":{"Code":"N","Name":"North"}},"region":null}}"#
        )
    }

    @Test func `lists come in order, with their own records, and say when there are more`() async throws {
        let store = try await Shop.store()
        #expect(
            try await store.read("Order", "10", select: "ID,lines.Number,lines.notes.Text", include: "lines(sort:-Quantity,limit:2).notes")
                == #"{"data":{"ID":10,"lines":[{"Number":2,"notes":[{"Text":"a"}]},{"Number":1,"notes":[]}]},"meta":{"truncated":["lines"]}}"#
        )
        #expect(
            try await store.read("Order", "10", select: "ID,lines.Number")
                == #"{"data":{"ID":10,"lines":[{"Number":1},{"Number":2},{"Number":3}]}}"#)
        // What is exactly as many as the limit is not cut short.
        #expect(
            try await store.read("Order", "10", select: "ID,lines.Number", include: "lines(limit:3)")
                == #"{"data":{"ID":10,"lines":[{"Number":1},{"Number":2},{"Number":3}]}}"#)
    }

    @Test func `a record of a list comes with what it refers to, under the rule of that`() async throws {
        let store = try await Shop.store()
        #expect(
            try await store.read("Line", "10", "2", select: "Number,notes.ID,notes.line.Quantity", include: "notes(limit:2,sort:-ID)")
                == #"{"data":{"Number":2,"notes":[{"ID":1,"line":{"Quantity":7}}]}}"#)
    }

    @Test func `a page takes one statement for each relation to many, however many records it has`() async throws {
        let store = try await Shop.store()
        #expect(
            try await store.list("Person", ["select": "ID,staff.ID,staff.staff.ID", "sort": "-ID"])
                == #"{"data":[{"ID":4,"staff":[]},{"ID":3,"staff":[]},{"ID":2,"staff":[{"ID":4,"staff":[]}]},"#
                + #"{"ID":1,"staff":[{"ID":2,"staff":[{"ID":4}]},{"ID":3,"staff":[]}]}],"meta":{"limit":25,"hasMore":false,"nextCursor":null}}"#
        )
    }

    @Test func `the same parent of many records has its list in each`() async throws {
        let store = try await Shop.store()
        #expect(
            try await store.list("Person", ["select": "ID,boss.staff.ID", "filter[BossID]": "1"])
                == #"{"data":[{"ID":2,"boss":{"staff":[{"ID":2},{"ID":3}]}},{"ID":3,"boss":{"staff":[{"ID":2},{"ID":3}]}}],"#
                + #""meta":{"limit":25,"hasMore":false,"nextCursor":null}}"#)
    }

    @Test func `references by two fields lead both ways, and a null in one of them leads nowhere`() async throws {
        let store = try await Shop.store()
        #expect(
            try await store.list("Note", ["select": "ID,line.Quantity,line.order.Total"])
                == #"{"data":[{"ID":1,"line":{"Quantity":7,"order":{"Total":"10.00"}}},{"ID":2,"line":null}],"#
                + #""meta":{"limit":25,"hasMore":false,"nextCursor":null}}"#)
        #expect(
            try await store.list("Line", ["select": "Number,notes.ID"])
                == #"{"data":[{"Number":1,"notes":[]},{"Number":2,"notes":[{"ID":1}]},{"Number":3,"notes":[]}],"#
                + #""meta":{"limit":25,"hasMore":false,"nextCursor":null}}"#)
    }

    @Test func `what the caller may not read is null or left out`() async throws {
        let store = try await Shop.store()
        // Order 12 is open, and so are its lines to whoever is no clerk.
        #expect(
            try await store.read("Person", "2", select: "orders.ID,orders.lines.Number")
                == #"{"data":{"orders":[{"ID":11,"lines":[]}]}}"#)
        #expect(
            try await store.read("Person", "2", select: "orders.ID,orders.lines.Number", as: Shop.clerk)
                == #"{"data":{"orders":[{"ID":11,"lines":[]},{"ID":12,"lines":[{"Number":1}]}]}}"#)
        #expect(
            await refusal { try await store.read("Person", "1", include: "secrets") }
                == "include unknown_field: «secrets» is not a relation of Person")
        #expect(
            try await store.read("Person", "1", select: "secrets.ID", as: Shop.clerk) == #"{"data":{"secrets":[{"ID":1}]}}"#)
    }

    @Test func `fields hidden by every role are not included, and those seen in some records only in these`() async throws {
        let store = try await Shop.store()
        #expect(!(try await store.read("Order", "10", include: "lines")).contains("Secret"))
        #expect(
            try await store.read("Order", "10", select: "lines.Secret", include: "lines(limit:1)", as: Shop.clerk).contains(
                #"{"Secret":"s"}"#))
        #expect(
            await refusal { try await store.read("Order", "10", select: "lines.Secret") }
                == "select unknown_field: «Secret» is not a field of Line")
        // Payroll sees the pay of people in the north, and the rest of everyone.
        #expect(
            try await store.list("Person", ["select": "ID,Salary,boss.Salary"], as: Shop.payroll)
                == #"{"data":[{"ID":1,"Salary":900,"boss":null},{"ID":2,"boss":{"Salary":900}},{"ID":3,"boss":{"Salary":900}},"#
                + #"{"ID":4,"Salary":null,"boss":{}}],"meta":{"limit":25,"hasMore":false,"nextCursor":null}}"#)
    }

    @Test(arguments: [
        ("lines.order.lines.order", "leads through more than 3 relations"),
        ("line", "«line» is not a relation of Order; did you mean «lines»?"),
        ("person(limit:2)", "limit and sort are for relations to many records"),
        ("Status", "«Status» is a field, which leads to no record"),
        ("lines(limit:0)", "the limit of an include is one whole number between 1 and 100"),
        ("lines(limit:101)", "the limit of an include is one whole number between 1 and 100"),
        ("lines(limit:1,limit:2)", "the limit of an include is one whole number between 1 and 100"),
        ("lines(limit:+5)", "the limit of an include is one whole number between 1 and 100"),
        ("lines(sort:notes.ID)", "«notes.ID» leads through notes to many records, of which none comes first"),
        ("lines(sort:Nothing)", "«Nothing» is not a field of Line"), ("lines(size:1)", "«size:1» is neither limit:… nor sort:…"),
        ("lines(", "«(» is not closed by one «)»"), ("lines()x", "«()x» is not closed by one «)»"),
        ("lines()", "«» is neither limit:… nor sort:…"),
        ("lines(limit:1),lines(limit:2)", "gives «(limit:1)» and «(limit:2)» for one relation"), ("", "«» is not a relation of Order"),
        ("lines..order", "«» is not a relation of Line"),
    ])
    func `a wrong include is refused`(_ include: String, _ problem: String) async throws {
        let store = try await Shop.store()
        let refused = await refusal { try await store.read("Order", "10", include: include) }
        #expect(refused.hasSuffix(": " + problem), "\(refused)")
    }

    @Test func `included lists are bounded together`() async throws {
        let store = try await TestStore(
            """
            A:
              key: ID
              fields: { ID: { type: integer } }
              \(TestStore.open)
            B:
              key: ID
              fields: { ID: { type: integer }, A: { references: A, as: a, inverse: bs, index: true } }
              \(TestStore.open)
            """)
        try await store.fill("INSERT INTO as VALUES (?1)".replacing("as", with: "\"as\""), (0..<201).map { [.integer($0)] })
        try await store.fill("INSERT INTO bs VALUES (?1, ?2)", (0..<20_100).map { [.integer($0), .integer($0 % 201)] })
        let within = try await store.list("A", ["include": "bs(limit:99)", "limit": "200"])
        #expect(within.contains(#""truncated":["bs"]"#))
        let refused = await refusal { try await store.list("A", ["include": "bs(limit:100)", "limit": "200", "filter[ID][gte]": "0"]) }
        #expect(refused == "done")
        let large = await refusal { try await store.list("B", ["include": "a.bs(limit:100)", "limit": "200"]) }
        #expect(large == "done")
    }

    @Test func `the bytes of an answer are bounded, also where one list stands in many records`() async throws {
        let store = try await TestStore(
            """
            Node:
              key: ID
              fields:
                ID: { type: integer }
                J: { type: string }
                Up: { references: Node, as: parent, inverse: children, index: true }
              \(TestStore.open)
            """)
        let text = Value.text(String(repeating: "x", count: 20_000))
        try await store.fill("INSERT INTO nodes VALUES (?1, ?2, ?3)", [[.integer(0), text, .null]])
        try await store.fill("INSERT INTO nodes VALUES (?1, ?2, ?3)", (1...200).map { [.integer($0), text, .integer(0)] })
        let refused = await refusal { try await store.list("Node", ["limit": "200", "include": "parent.children.parent"]) }
        #expect(refused.hasPrefix("limit answer_too_large: would give more than 33554432 bytes"), "\(refused.prefix(200))")
        #expect(await refusal { try await store.list("Node", ["limit": "5", "include": "parent.children.parent"]) } == "done")
        #expect(
            await refusal {
                try await store.list("Node", ["limit": "200", "include": "parent.children", "select": "ID,parent.ID,parent.children.ID"])
            } == "done")
    }

    @Test func `so many names only are looked at`() async throws {
        let store = try await Shop.store()
        for name in ["select", "include"] {
            let many = Array(repeating: "Namx", count: 100_000).joined(separator: ",")
            #expect(
                await refusal { try await store.list("Person", [name: many]) } == "\(name) invalid_parameter: names more than 512 things")
        }
        #expect(
            await refusal { try await store.list("Person", ["sort": Array(repeating: "Namx", count: 100_000).joined(separator: ",")]) }
                == "sort invalid_parameter: names more than 8 fields")
        let wrong = Array(repeating: "Namx", count: 500).joined(separator: ",")
        #expect(await refusal { try await store.list("Person", ["select": wrong]) }.split(separator: "\n").count <= 100)
        let names = (0..<5000).map { "\"x\($0)\":1" }.joined(separator: ",")
        #expect(await refusal { try await store.list("Person", ["filter": "{\(names)}"]) }.split(separator: "\n").count <= 101)
        #expect(await refusal { try await store.create("Person", "{\(names)}") }.split(separator: "\n").count <= 104)
        let some = #"{"staff":{"some":{}}}"#
        let quantified = "{\"AND\":[\(Array(repeating: some, count: 9).joined(separator: ","))]}"
        #expect(
            await refusal { try await store.list("Person", ["filter": quantified]) }
                == "filter filter_too_large: /AND/8/staff: has more than 8 ways to many records")
    }
}
