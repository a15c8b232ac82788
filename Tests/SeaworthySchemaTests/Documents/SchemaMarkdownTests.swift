import SeaworthySchema
import Testing

@Suite struct `The Markdown document of the model` {
    private func document() throws -> String {
        SchemaMarkdown(try SchemaParser.parse(yaml: northwind, file: "seaworthy.yaml").schema).text
    }

    /// What stands below a heading, up to the next one.
    private func part(_ heading: String, of text: String) throws -> String {
        let start = try #require(text.firstRange(of: heading + "\n\n"), "no heading \(heading)")
        let rest = text[start.upperBound...]
        return String(rest[..<(rest.firstRange(of: "\n\n#")?.lowerBound ?? rest.endIndex)])
    }

    @Test func `begins with a contents whose links lead to the entities`() throws {
        let text = try document()
        #expect(
            text.hasPrefix(
                """
                # The data model of northwind

                7 entities:

                - [Region](#region)
                - [Customer](#customer): Who buys.
                - [Employee](#employee)
                - [Order](#order)
                - [OrderDetail](#orderdetail)
                - [Shipment](#shipment)
                - [Sales](#sales)

                ## Region

                """))
        let headings = text.split(separator: "\n").filter { $0.hasPrefix("#") }
        #expect(Set(headings).count == headings.count)
    }

    @Test func `tells of an entity its description, path, table and key`() throws {
        let text = try document()
        #expect(
            try part("## Customer", of: text)
                == "Who buys.\n\n- Path: `/v1/customers`\n- Table: `customers`\n- Key: `CustomerID`")
        #expect(try part("## OrderDetail", of: text).hasSuffix("- Key: `OrderID`, `ProductID`"))
        #expect(try part("## Sales", of: text).contains("- View, which is only read: `sales_by_country`"))
    }

    @Test func `tells of a field everything that is declared`() throws {
        let text = try document()
        let head = "| field | type | required | default | bounds | pattern | notes | description |"
        #expect(try part("### Fields of Customer", of: text).hasPrefix(head + "\n| --- | --- | --- | --- | --- | --- | --- | --- |\n"))
        for row in [
            "| `CustomerID` | string | yes |  | at most 5 characters | `^[A-Z0-9]{5}$` | key |  |",
            "| `CompanyName` | string | yes |  | at most 80 characters |  | search 3 |  |",
            "| `Country` | string |  |  | at most 30 characters |  | index |  |",
            "| `Mail` | email |  |  |  |  | unique |  |",
            "| `Home` | url |  |  | 8 to 200 characters |  |  |  |",
            "| `EmployeeID` | integer | yes |  |  |  | key, generated |  |",
            "| `LastName` | string | yes |  | at most 20 characters |  | column `Last Name` |  |",
            "| `BirthDate` | date |  |  | 1900-01-01 to 2100-12-31 |  |  |  |",
            "| `Photo` | bytes |  |  | at most 1000 bytes |  |  |  |",
            #"| `Tags` | array of string |  | `["new"]` | at most 5 elements |  |  |  |"#,
            #"| `Extra` | json |  | `{"level":1}` |  |  |  |  |"#,
            "| `OrderDate` | timestamp |  | now |  |  |  |  |",
            #"| `Freight` | decimal (12 digits, 4 after the point) |  | `"0.0000"` | at least 0.0000 |  |  |  |"#,
            #"| `Status` | enum: `open`, `shipped`, `cancelled` |  | `"open"` |  |  | index |  |"#,
            "| `Weight` | double |  |  | 0.5 to 10 |  |  |  |",
            "| `Serial` | bigint |  |  | at least -9223372036854775808 |  |  |  |",
        ] {
            #expect(text.contains("\n\(row)\n") || text.hasSuffix("\n\(row)"), "\(row)")
        }
    }

    @Test func `tells references from both ends`() throws {
        let text = try document()
        #expect(
            try part("### References of OrderDetail", of: text).hasSuffix(
                "\n| `order` | `OrderID` | [Order](#order) | `details` | `cascade`: what refers to it is deleted too |"))
        #expect(
            try part("### What refers to OrderDetail", of: text).hasSuffix(
                "\n| [Shipment](#shipment) | `OrderID`, `ProductID` | `detail` |  | `restrict`: refused while something refers to it |"))
        let employee = try part("### What refers to Employee", of: text)
        #expect(
            employee.contains(
                "| [Employee](#employee) | `ReportsTo` | `employee` | `reports` | `setNull`: what refers to it loses the reference |"))
        #expect(employee.contains("| [Order](#order) | `EmployeeID` |"))
        #expect(!text.contains("### What refers to Sales") && !text.contains("### References of Customer"))
    }

    @Test func `tells constraints, checks and who may do what`() throws {
        let text = try document()
        #expect(try part("### Constraints and indexes of Shipment", of: text) == "- Unique: `OrderID`, `ProductID`")
        #expect(try part("### Constraints and indexes of Order", of: text).contains("- Index: `CustomerID`, `OrderDate`"))
        #expect(
            try part("### Checks of Order", of: text).hasSuffix("\n| `shippedAfterOrdered` | ShippedDate is at least OrderDate |"))
        #expect(
            try part("### Access to Order", of: text).hasSuffix(
                "\n| `anyone` | where Status is \"shipped\" | yes | no | no | no | no | no | `Freight` |  |"))
        #expect(try part("### Access to Customer", of: text) == "Nobody may do anything.")
    }

    @Test func `tells of everything that a role may do and not see`() throws {
        let yaml = MarkedSchema.entity(
            """
            softDelete: true
                audit: true
                access: { anyone: { read: true, restore: { F: a }, purge: true, history: true, hide: [G], readOnly: [F] } }
            """, fields: "F: { type: string, index: true }\n      G: { type: string }"
        ).yaml
        let text = SchemaMarkdown(try SchemaParser.parse(yaml: yaml, file: "seaworthy.yaml").schema).text
        let rows = try part("### Access to A", of: text).split(separator: "\n")
        #expect(
            rows.first == "| role | read | create | update | delete | restore | purge | history | hidden fields | read-only fields |")
        #expect(rows.last == "| `anyone` | yes | no | no | no | where F is \"a\" | yes | yes | `G` | `F` |")
    }

    @Test func `keeps awkward texts in their cells`() throws {
        let text = SchemaMarkdown(AwkwardSchema.schema).text
        let prose =
            "a &#124; b # c \\`d\\` \"e\" &lt;img src=x onerror=alert(1)&gt; %%\\{init: \\{\\}\\}%% \\\\ \\*f\\* \\[g\\](h) \\$i\\$ #1;"
        #expect(text.hasPrefix("# The data model of awk&#124;ward\\_\n"))
        #expect(try part("## One", of: text).hasPrefix(prose + "\n\n- Path: `/v1/ones`\n- Table: <code>one&#124;s</code>"))
        let rows = try part("### Fields of One", of: text).split(separator: "\n")
        #expect(rows.count == 6)
        // No cell more than the head has, whatever the texts hold.
        for row in rows { #expect(row.count { $0 == "|" } == 9, "\(row)") }
        #expect(rows[2] == "| `UK` | string | yes |  |  |  | part of the key | \(prose) |")
        #expect(
            rows[3]
                == #"| `pk` | enum: <code>x&#124;y</code>, `z"`, <code>\`</code> | yes |  |  |  | part of the key, column <code>a\`b</code> |  |"#
        )
        #expect(rows[5] == #"| `9lives` | text |  | <code>"&#124;"</code> | exactly 3 characters |  |  |  |"#)
    }

    @Test(arguments: [
        ("# a", "\\# a"), ("- a", "\\- a"), ("+ a", "\\+ a"), ("=", "\\="), ("1. a", "1\\. a"), ("12) a", "12\\) a"), ("1a", "1a"),
        ("  a \t\r\n b ", "a b"), ("> a", "&gt; a"),
    ])
    func `starts no block with a description`(description: String, text: String) throws {
        let entity = Entity(
            name: "A", table: "a", path: "a", description: description, key: [0], fields: [.init(name: "id", column: "id", type: .uuid)])
        let document = SchemaMarkdown(Schema(name: "x", entities: [entity])).text
        #expect(try part("## A", of: document).hasPrefix(text + "\n\n- Path"))
        #expect(document.contains("\n\n1 entity:\n\n- [A](#a): \(text)\n"))
    }
}
