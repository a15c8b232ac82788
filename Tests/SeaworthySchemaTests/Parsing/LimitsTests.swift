import SeaworthySchema
import Testing

@Suite struct `A rate of requests` {
    @Test(arguments: [
        ("300/m", 300, 60, "300/m"), ("1/s", 1, 1, "1/s"), ("10/15m", 10, 900, "10/15m"), ("1000000/d", 1_000_000, 86_400, "1000000/d"),
        ("5/1h", 5, 3600, "5/h"), ("7/90s", 7, 90, "7/90s"), ("2/60s", 2, 60, "2/m"), ("3/10s", 3, 10, "3/10s"),
        ("1/24h", 1, 86_400, "1/d"),
    ])
    func `is so many in a time`(_ text: String, _ count: Int, _ seconds: Int, _ written: String) {
        let rate = RequestRate(text)
        #expect(rate?.count == count && rate?.windowSeconds == seconds && rate?.text == written)
        #expect(rate.flatMap { RequestRate($0.text) } == rate)
    }

    @Test(arguments: [
        "", "300", "/m", "300/", "0/m", "-1/m", "+1/m", "1.5/m", "300/x", "300/ms", "300/500ms", "1000001/m", "1/2d", "1/0s", "300/m/m",
        "300 / m",
        "300/mm", "300/M", "m/300", "1/99999999999999999999s",
    ])
    func `is nothing else`(_ text: String) {
        #expect(RequestRate(text) == nil)
    }
}

@Suite struct `Limits of the schema` {
    private func schema(_ limits: String, entity: String = "") throws -> Schema {
        try SchemaParser.parse(
            yaml: """
                name: shop
                \(limits)
                entities:
                  Order:
                    fields: { Width: { type: integer } }
                    \(entity)
                    access: { anyone: { read: true }, sales: { create: true } }
                """, file: "seaworthy.yaml"
        ).schema
    }

    private func problems(_ limits: String, entity: String = "") -> [String] {
        do {
            _ = try schema(limits, entity: entity)
            return []
        } catch {
            return (error as? SchemaError)?.problems.map { "\($0.code.rawValue) \($0.path)" } ?? ["\(error)"]
        }
    }

    private static func rate(_ text: String) -> Schema.Limits.Bound? { RequestRate(text).map { .rate($0) } }

    @Test func `are 300 a minute, 10 for signing in and 5 imports without being told`() throws {
        let limits = try schema("").limits
        #expect(limits == Schema.Limits())
        #expect(
            limits.rates.standard == Self.rate("300/m") && limits.auth == Self.rate("10/m") && limits.rates.importing == Self.rate("5/m"))
        #expect(limits.rates.exporting == nil && limits.keys == .none && limits.roles.isEmpty && limits.exempt.isEmpty)
        // One that is given leaves the others.
        #expect(try schema("limits: { default: 60/m }").limits.auth == Self.rate("10/m"))
    }

    @Test func `are read for kinds of requests, keys, roles and entities`() throws {
        let parsed = try schema(
            """
            limits:
              default: 60/m
              auth: none
              import: 1/h
              export: 10/h
              keys: { default: 1000/m, import: none }
              roles: { sales: 600/m, authenticated: { export: 20/h }, admin: none }
              exempt: [10.0.0.0/8, "::1"]
            """, entity: "limits: { default: 20/m, export: 2/m }")
        let limits = parsed.limits
        #expect(limits.rates == .init(standard: Self.rate("60/m"), importing: Self.rate("1/h"), exporting: Self.rate("10/h")))
        #expect(limits.auth == .unlimited && limits.keys == .init(standard: Self.rate("1000/m"), importing: .unlimited))
        #expect(
            limits.roles == [
                .init("sales", .init(standard: Self.rate("600/m"))), .init("authenticated", .init(exporting: Self.rate("20/h"))),
                .init("admin", .init(standard: .unlimited)),
            ])
        #expect(limits.exempt.map(\.text) == ["10.0.0.0/8", "::1"])
        #expect(parsed.entities[0].limits == .init(standard: Self.rate("20/m"), exporting: Self.rate("2/m")))
        #expect(try schema("", entity: "limits: 20/m").entities[0].limits == .init(standard: Self.rate("20/m")))
        // Written and read again they are the same; what is stored knows nothing of them.
        let again = try SchemaParser.parse(yaml: SchemaYAML(parsed).text, file: "again.yaml").schema
        #expect(again == parsed)
        #expect(try parsed.canonicalJSON == schema("").canonicalJSON)
    }

    @Test(arguments: [
        ("limits: { default: 300 }", "wrong_type limits.default"), ("limits: { default: often }", "wrong_type limits.default"),
        ("limits: { auth: 0/m }", "wrong_type limits.auth"), ("limits: { auth: { default: 1/m } }", "wrong_type limits.auth"),
        ("limits: 300/m", "wrong_type limits"), ("limits: { login: 1/m }", "unknown_key limits.login"),
        ("limits: { keys: [1/m] }", "wrong_type limits.keys"), ("limits: { keys: { auth: 1/m } }", "unknown_key limits.keys.auth"),
        ("limits: { roles: { saels: 1/m } }", "unknown_role limits.roles.saels"),
        ("limits: { roles: { anyone: 1/m } }", "unknown_role limits.roles.anyone"),
        ("limits: { roles: { sales: often } }", "wrong_type limits.roles.sales"), ("limits: { roles: 1/m }", "wrong_type limits.roles"),
        ("limits: { exempt: 10.0.0.1 }", "wrong_type limits.exempt"), ("limits: { exempt: [office] }", "wrong_type limits.exempt[0]"),
        ("limits: { exempt: [10.0.0.0/8, 10.0.0.0/99] }", "wrong_type limits.exempt[1]"),
    ])
    func `are refused at their place`(_ limits: String, _ problem: String) {
        #expect(problems(limits) == [problem])
    }

    @Test func `are refused in an entity too`() {
        #expect(problems("", entity: "limits: fast") == ["wrong_type entities.Order.limits"])
        #expect(problems("", entity: "limits: { auth: 1/m }") == ["unknown_key entities.Order.limits.auth"])
    }
}
