import SeaworthySchema
import Testing

struct DerivedNameTests {
    @Test(arguments: [
        ("Order", "orders", "orders"), ("OrderDetail", "order_details", "order-details"), ("Category", "categories", "categories"),
        ("Day", "days", "days"), ("Key", "keys", "keys"), ("Bus", "buses", "buses"), ("Box", "boxes", "boxes"),
        ("Quiz", "quizes", "quizes"),
        ("Match", "matches", "matches"), ("Dish", "dishes", "dishes"), ("HTTPRoute", "http_routes", "http-routes"),
        ("UserAPI", "user_apis", "user-apis"), ("Order2Item", "order2_items", "order2-items"), ("Y", "ys", "ys"), ("A1y", "a1ys", "a1ys"),
        ("customer", "customers", "customers"), ("Path", "paths", "paths"),
    ])
    func `tables are plural in snake case, paths in kebab case`(_ name: String, _ table: String, _ path: String) {
        #expect(DerivedName.table(of: name) == table)
        #expect(DerivedName.path(of: name) == path)
    }

    @Test(arguments: [
        ("CustomerID", "customer"), ("customerId", "customer"), ("owner_id", "owner"), ("Owner_ID", "owner"), ("ShipVia", "shipVia"),
        ("ID", "iD"), ("paid", "paid"), ("Grid", "grid"),
    ])
    func `a relation's name is the field's without its ending`(_ field: String, _ name: String) {
        #expect(DerivedName.relation(of: field) == name)
    }

    @Test(arguments: [("Customer", "customer"), ("OrderDetail", "orderDetail"), ("HTTPRoute", "httpRoute")])
    func `a relation can be named after its target`(_ entity: String, _ name: String) {
        #expect(DerivedName.relation(toEntity: entity) == name)
    }
}
