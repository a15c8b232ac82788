import SeaworthySQL
import SeaworthySchema
import Testing

@Suite struct TableDefinitionTests {
    static let customer = Entity(
        name: "Customer", table: "customers", path: "customers", key: [0],
        fields: [
            Field(name: "CustomerID", column: "CustomerID", type: .string, maxLength: 5),
            Field(name: "Name", column: "company \"name\"", type: .text, isRequired: true),
            Field(name: "Active", column: "active", type: .boolean),
            Field(name: "Score", column: "score", type: .double),
            Field(name: "Logo", column: "logo", type: .bytes),
            Field(name: "Since", column: "since", type: .date),
        ],
        indexes: [[5], [5, 3]], unique: [[1], [2, 3]])
    static let order = Entity(
        name: "Order", table: "my orders", path: "orders", key: [0],
        fields: [
            Field(name: "OrderID", column: "OrderID", type: .integer, isGenerated: true),
            Field(name: "CustomerID", column: "CustomerID", type: .string, isRequired: true),
            Field(name: "Freight", column: "Freight", type: .decimal(precision: 12, scale: 4)),
            Field(name: "OrderDate", column: "OrderDate", type: .timestamp),
            Field(name: "Extra", column: "Extra", type: .json),
            Field(name: "Tags", column: "Tags", type: .array(.integer)),
            Field(name: "Token", column: "Token", type: .uuid),
            Field(name: "Status", column: "Status", type: .enum(["open"])),
        ],
        references: [Reference(name: "customer", inverse: nil, target: "Customer", fields: [1], onDelete: .cascade)])
    static let detail = Entity(
        name: "Detail", table: "details", path: "details", key: [0, 1],
        fields: [
            Field(name: "OrderID", column: "OrderID", type: .integer),
            Field(name: "Line", column: "Line", type: .bigint),
            Field(name: "ParentOrder", column: "ParentOrder", type: .integer),
            Field(name: "ParentLine", column: "ParentLine", type: .bigint),
        ],
        references: [
            Reference(name: "order", inverse: nil, target: "Order", fields: [0]),
            Reference(name: "parent", inverse: nil, target: "Detail", fields: [2, 3]),
        ])
    static let schema = Schema(name: "test", entities: [customer, order, detail])

    static func definition(_ entity: Entity) -> TableDefinition {
        TableDefinition(entity, in: schema, dialect: SQLiteDialect())
    }

    @Test func `a natural key, quoted names and every storage form`() {
        #expect(
            Self.definition(Self.customer).createTable == #"""
                CREATE TABLE "customers" (
                    "CustomerID" TEXT NOT NULL,
                    "company ""name""" TEXT NOT NULL,
                    "active" INTEGER CHECK ("active" IN (0, 1)),
                    "score" REAL,
                    "logo" BLOB,
                    "since" TEXT,
                    PRIMARY KEY ("CustomerID")
                ) STRICT
                """#)
    }

    @Test func `a generated key is made by the database and never given again`() {
        #expect(
            Self.definition(Self.order).createTable == """
                CREATE TABLE "my orders" (
                    "OrderID" INTEGER PRIMARY KEY AUTOINCREMENT,
                    "CustomerID" TEXT NOT NULL,
                    "Freight" INTEGER,
                    "OrderDate" INTEGER,
                    "Extra" TEXT,
                    "Tags" TEXT,
                    "Token" TEXT,
                    "Status" TEXT,
                    FOREIGN KEY ("CustomerID") REFERENCES "customers" ("CustomerID") ON UPDATE RESTRICT ON DELETE RESTRICT
                ) STRICT
                """)
    }

    @Test func `a composite key and references to it keep their order`() {
        #expect(
            Self.definition(Self.detail).createTable == """
                CREATE TABLE "details" (
                    "OrderID" INTEGER NOT NULL,
                    "Line" INTEGER NOT NULL,
                    "ParentOrder" INTEGER,
                    "ParentLine" INTEGER,
                    PRIMARY KEY ("OrderID", "Line"),
                    FOREIGN KEY ("OrderID") REFERENCES "my orders" ("OrderID") ON UPDATE RESTRICT ON DELETE RESTRICT,
                    FOREIGN KEY ("ParentOrder", "ParentLine") REFERENCES "details" ("OrderID", "Line") ON UPDATE RESTRICT ON DELETE RESTRICT
                ) STRICT
                """)
    }

    @Test func `a column can be defined alone`() {
        #expect(Self.definition(Self.order).column(0) == #""OrderID" INTEGER PRIMARY KEY AUTOINCREMENT"#)
        #expect(Self.definition(Self.order).column(2) == #""Freight" INTEGER"#)
        #expect(Self.definition(Self.customer).column(0) == #""CustomerID" TEXT NOT NULL"#)
    }

    @Test func `a generated UUID is made by the server`() {
        let entity = Entity(
            name: "Item", table: "items", path: "items", key: [0], fields: [Field(name: "id", column: "id", type: .uuid, isGenerated: true)]
        )
        #expect(
            Self.definition(entity).createTable == "CREATE TABLE \"items\" (\n    \"id\" TEXT NOT NULL,\n    PRIMARY KEY (\"id\")\n) STRICT"
        )
    }

    @Test func `indexes are named after table and columns, unique ones first`() {
        let indexes = Self.definition(Self.customer).indexes
        #expect(
            indexes.map(\.name)
                == ["customers_company \"name\"_key", "customers_active_score_key", "customers_since_idx", "customers_since_score_idx"])
        #expect(
            indexes.map(\.statement) == [
                #"CREATE UNIQUE INDEX "customers_company ""name""_key" ON "customers" ("company ""name""")"#,
                #"CREATE UNIQUE INDEX "customers_active_score_key" ON "customers" ("active", "score")"#,
                #"CREATE INDEX "customers_since_idx" ON "customers" ("since")"#,
                #"CREATE INDEX "customers_since_score_idx" ON "customers" ("since", "score")"#,
            ])
    }

    @Test func `indexes whose names would be the same are told apart, in every process alike`() {
        func entity(_ name: String, table: String, _ columns: [String], indexes: [[Int]], unique: [[Int]] = []) -> Entity {
            Entity(
                name: name, table: table, path: table, key: [0],
                fields: (["id"] + columns).map { Field(name: $0, column: $0, type: .integer) }, indexes: indexes, unique: unique)
        }
        let one = entity("One", table: "t", ["a", "b", "a_b", "c"], indexes: [[1, 2], [3], [4]], unique: [[1, 2]])
        let other = entity("Other", table: "T_a", ["B"], indexes: [[1]])
        let schema = Schema(name: "s", entities: [one, other])
        let names = [one, other].map { TableDefinition($0, in: schema, dialect: SQLiteDialect()).indexes.map(\.name) }
        #expect(
            names == [
                ["t_a_b_key", "t_a_b_idx_\(Self.hash("t", "a", "b"))", "t_a_b_idx_\(Self.hash("t", "a_b"))", "t_c_idx"],
                ["T_a_B_idx_\(Self.hash("T_a", "B"))"],
            ])
        #expect(Set(names.joined().map { $0.lowercased() }).count == 5)
        let alone = Schema(name: "s", entities: [other])
        #expect(TableDefinition(other, in: alone, dialect: SQLiteDialect()).indexes.map(\.name) == ["T_a_B_idx"])
    }

    /// FNV-1a with 32 bits, written again by its definition.
    private static func hash(_ parts: String...) -> String {
        var hash: UInt64 = 0x811C_9DC5
        for byte in parts.joined(separator: "\0").utf8 { hash = (hash ^ UInt64(byte)) * 0x0100_0193 % (1 << 32) }
        return String(hash, radix: 16)
    }

    @Test func `a reference has the indexes that are declared, and no other`() {
        #expect(Self.definition(Self.order).indexes.map(\.name) == [])
        var served = Self.detail
        served.indexes = [[2, 3, 0]]
        #expect(Self.definition(served).indexes.map(\.name) == ["details_ParentOrder_ParentLine_OrderID_idx"])
        var view = Self.order
        view.isReadOnly = true
        view.indexes = [[1]]
        #expect(Self.definition(view).indexes.map(\.name) == [])
    }

}
