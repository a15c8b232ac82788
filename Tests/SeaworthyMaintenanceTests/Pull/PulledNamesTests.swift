import SeaworthySchema
import Testing

@testable import SeaworthyMaintenance

@Suite struct `Names out of a database` {
    @Test(arguments: [
        ("orders", "Order"), ("order_details", "OrderDetail"), ("OrderDetails", "OrderDetail"), ("Order Details", "OrderDetail"),
        ("ORDERS", "Order"),
        ("ORDER_DETAILS", "OrderDetail"), ("categories", "Category"), ("addresses", "Address"), ("statuses", "Status"), ("boxes", "Box"),
        ("branches", "Branch"), ("dishes", "Dish"), ("courses", "Course"), ("databases", "Database"), ("houses", "House"), ("buses", "Bus"),
        ("people", "Person"), ("series", "Series"), ("news", "News"), ("status", "Status"), ("bus", "Bus"), ("analysis", "Analysis"),
        ("class", "Class"),
        ("key", "Key"), ("keys", "Key"), ("ties", "Tie"), ("quizzes", "Quiz"), ("sizes", "Size"), ("2020_sales", "T2020Sale"),
        ("größen", "Groessen"),
        ("日本", "Table"), ("tblCustomers", "TblCustomer"), ("user-roles", "UserRole"), ("a", "A"), ("s", "S"), ("us_states", "UsState"),
    ])
    func `an entity is named after its table, in the singular`(table: String, entity: String) {
        var names = PulledNames()
        #expect(names.entity(of: CatalogName(schema: nil, table: table)).name == entity)
    }

    @Test func `no two entities or paths are the same, and none is the server's`() {
        var names = PulledNames()
        func entity(_ table: String, _ schema: String? = nil) -> [String] {
            let (name, path) = names.entity(of: CatalogName(schema: schema, table: table))
            return [name, path]
        }
        #expect(entity("teams") == ["Team", "teams"])
        #expect(entity("Team") == ["Team2", "team2s"])
        #expect(entity("teams", "sales") == ["SalesTeam", "sales-teams"])
        #expect(entity("users") == ["User", "app-users"])
        #expect(entity("日本") == ["Table", "tables"])
        #expect(entity("中国") == ["Table2", "table2s"])
        let long = String(repeating: "x", count: 63)
        #expect(NameRules.entity(entity(long)[0]) == nil)
        #expect(NameRules.entity(entity(long + "s")[0]) == nil)
    }

    @Test(arguments: [
        ("CustomerID", "CustomerID"), ("customer_id", "customer_id"), ("Order ID", "OrderID"), ("unit price", "unit_price"),
        ("9lives", "_9lives"),
        ("größe", "groesse"), ("data", "data_"), ("AND", "AND_"), ("a.b", "a_b"), ("$x", "x"), ("日本", "column"), ("taken", "taken_"),
        ("Taken", "Taken_"),
    ])
    func `a field is named as its column where that is a name`(column: String, field: String) {
        #expect(PulledNames.field(of: column, besides: ["taken"]) == field)
    }

    @Test(arguments: [
        ("*", "", true), ("a*", "abc", true), ("a*", "bc", false), ("*c", "abc", true), ("a?c", "abc", true), ("a?c", "ac", false),
        ("*b*", "abc", true),
        ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYbZ", false), ("", "", true), ("", "a", false), ("?", "é", true), ("**", "x", true),
    ])
    func `patterns of tables`(pattern: String, text: String, matches: Bool) {
        #expect(WildcardPattern(pattern).matches(text) == matches)
    }
}
