/// What an entity may not be, each with the place at which it is reported.
enum RefusedEntities {
    static let names: [MarkedSchema] = [
        .entities("⟨invalid_name⟩my_thing: { fields: { F: { type: string } } }"),
        .entities("⟨invalid_name⟩9A: { fields: { F: { type: string } } }"),
        .entities("⟨invalid_name⟩\(String(repeating: "A", count: 64)): { table: t, path: p, fields: { F: { type: string } } }"),
        .fields("⟨invalid_name⟩my-field: { type: string }"),
        .fields("⟨invalid_name⟩Größe: { type: string }"),
        .fields("⟨invalid_name⟩9F: { type: string }"),
        .fields("⟨invalid_name⟩'': { type: string }"),
        .fields("⟨invalid_name⟩\(String(repeating: "f", count: 64)): { type: string, column: c }"),
        .fields("⟨reserved_name⟩data: { type: string }"),
        .fields("⟨reserved_name⟩meta: { type: string }"),
        .fields("⟨reserved_name⟩AND: { type: string }"),
        .fields("⟨reserved_name⟩OR: { type: string }"),
        .fields("⟨reserved_name⟩NOT: { type: string }"),
        .fields("⟨reserved_name⟩some: { type: string }"),
        .fields("⟨reserved_name⟩every: { type: string }"),
        .fields("⟨reserved_name⟩none: { type: string }"),
        .fields("⟨reserved_name⟩a.b: { type: string }"),
        .fields("⟨reserved_name⟩$a: { type: string }"),
        .fields("⟨reserved_name⟩'a,b': { type: string }"),
        .fields("F: { type: string, column: ⟨wrong_type⟩'' }"),
        .fields("F: { type: string, column: ⟨invalid_name⟩\"a\\0b\" }"),
        .fields("F: { type: string, column: ⟨invalid_name⟩\(String(repeating: "c", count: 64)) }"),
        .entity("table: ⟨invalid_name⟩\(String(repeating: "t", count: 64))"),
        .entity("table: ⟨reserved_name⟩Seaworthy_jobs"),
        .entity("table: ⟨reserved_name⟩sqlite_master"),
        .entity("dbSchema: ⟨invalid_name⟩\"a\\0b\""),
        .entity("dbSchema: ⟨invalid_name⟩\(String(repeating: "s", count: 64))"),
        .entity("dbSchema: ⟨reserved_name⟩pg_catalog"),
        .entity("dbSchema: ⟨reserved_name⟩information_schema"),
        .entity("path: ⟨invalid_name⟩Orders"),
        .entity("path: ⟨invalid_name⟩a/b"),
        .entity("path: ⟨invalid_name⟩\(String(repeating: "p", count: 64))"),
        .entity("path: ⟨reserved_name⟩auth"),
        .entity("path: ⟨reserved_name⟩users"),
        .entity("path: ⟨reserved_name⟩batch"),
        .entity("path: ⟨reserved_name⟩locks"),
        .entity("path: ⟨reserved_name⟩system"),
        .entities("⟨reserved_name⟩User: { fields: { F: { type: string } } }"),
    ]

    static let collisions: [MarkedSchema] = [
        .entities("A: { fields: { F: { type: string } } }", "⟨name_collision⟩a: { fields: { F: { type: string } } }"),
        .entities("A: { table: x, fields: { F: { type: string } } }", "B: { table: ⟨name_collision⟩X, fields: { F: { type: string } } }"),
        .entities(
            "A: { dbSchema: s, table: x, fields: { F: { type: string } } }",
            "B: { dbSchema: S, table: ⟨name_collision⟩x, fields: { F: { type: string } } }"),
        .entities("A: { path: x, fields: { F: { type: string } } }", "B: { path: ⟨name_collision⟩x, fields: { F: { type: string } } }"),
        .entities(
            "A: { table: bs, fields: { F: { type: string } } }", "⟨name_collision⟩B: { path: other, fields: { F: { type: string } } }"),
        .fields("Name: { type: string }", "⟨name_collision⟩name: { type: string, column: other }"),
        .fields("F: { type: string, column: x }", "G: { type: string, column: ⟨name_collision⟩X }"),
        .fields("F: { type: string, column: g }", "⟨name_collision⟩G: { type: string }"),
        .fields("⟨name_collision⟩ID: { type: string }"),
        .fields("F: { type: string, column: ⟨name_collision⟩ID }"),
    ]

    static let lists: [MarkedSchema] = [
        .entity("indexes: [[⟨unknown_field⟩G]]"),
        .entity("indexes: [[F, ⟨duplicate_entry⟩F]]"),
        .entity("indexes: [[F], ⟨duplicate_entry⟩[F]]"),
        .entity("indexes: [⟨missing_key⟩[]]"),
        .entity("indexes: [⟨wrong_type⟩F]"),
        .entity("indexes: ⟨wrong_type⟩F"),
        .entity("unique: [[F], ⟨duplicate_entry⟩[F]]"),
        .entity("unique: [⟨duplicate_entry⟩[id]]"),
        .entity("unique: [[⟨unknown_field⟩g]]"),
        .entity("indexes: [⟨duplicate_entry⟩[F]]", fields: "F: { type: string, index: true }"),
        .entity("unique: [⟨duplicate_entry⟩[F]]", fields: "F: { type: string, unique: true }"),
        .entity("indexes: [[id, ⟨not_applicable⟩F]]", fields: "F: { type: json }"),
        .entities("A: { fields: ⟨missing_key⟩{} }"),
    ]

    static let views: [MarkedSchema] = [
        .entities("⟨missing_key⟩V: { readOnly: true, fields: { F: { type: string } } }"),
        .entities("V: { readOnly: true, key: F, ⟨not_applicable⟩checks: { c: { F: a } }, fields: { F: { type: string } } }"),
        .entities("V: { readOnly: true, key: F, ⟨not_applicable⟩indexes: [], fields: { F: { type: string } } }"),
        .entities("V: { readOnly: true, key: F, ⟨not_applicable⟩unique: [], fields: { F: { type: string } } }"),
        .entities("V: { readOnly: true, key: F, fields: { F: { type: string, ⟨not_applicable⟩default: a } } }"),
        .entities("V: { readOnly: true, key: F, fields: { F: { type: string }, G: { type: string, ⟨not_applicable⟩index: true } } }"),
        .entities("V: { readOnly: true, key: F, fields: { F: { type: integer, ⟨not_applicable⟩generated: true } } }"),
        .entities("V: { readOnly: true, key: F, fields: { F: { type: string } }, access: { anyone: { create: ⟨contradiction⟩true } } }"),
        .entities(
            "A: { fields: { F: { type: string } }, checks: { a: ⟨wrong_type⟩true, b: { F: { gt: ⟨invalid_filter⟩null } } }, "
                + "indexes: [⟨wrong_type⟩a, ⟨missing_key⟩[], [⟨unknown_field⟩Nope], [F, ⟨duplicate_entry⟩F], [⟨wrong_type⟩1, ⟨unknown_field⟩No]], "
                + "access: { anyone: { read: true, hide: [⟨wrong_type⟩1, ⟨unknown_field⟩Nope] } } }"),
        .entities("A: { fields: { F: { type: string, required: true } }, access: { anyone: { create: true, hide: ⟨contradiction⟩[F] } } }"),
        .entities("A: { key: F, fields: { F: { type: string } }, access: { anyone: { create: true, hide: ⟨contradiction⟩[F] } } }"),
        .entities(
            "V: { readOnly: true, key: F, fields: { F: { type: string } }, access: { anyone: { update: ⟨contradiction⟩{ F: a } } } }"),
        .entities("V: { readOnly: true, key: F, fields: { F: { type: string } }, access: { anyone: { delete: ⟨contradiction⟩true } } }"),
        .entities(
            "V: { readOnly: true, key: F, fields: { F: { type: string } } }", "B: { fields: { G: { references: ⟨invalid_reference⟩V } } }"),
    ]

    static let rules: [MarkedSchema] = [
        .entity("checks: { c: { ⟨unknown_field⟩G: 1 } }"),
        .entity("checks: { c: { F: { ⟨invalid_filter⟩near: a } } }"),
        .entity("checks: { c: { F: { equals: ⟨invalid_filter⟩5 } } }"),
        .entity("checks: { c: { F: { in: [a, ⟨invalid_filter⟩5] } } }"),
        .entity("checks: { c: { F: { gte: ⟨unknown_field⟩$record.G } } }"),
        .entity("checks: { c: { F: ⟨invalid_filter⟩$user.id } }"),
        .entity("checks: { c: ⟨invalid_filter⟩{} }"),
        .entity("checks: { c: ⟨wrong_type⟩true }"),
        .entity("checks: { ⟨invalid_name⟩a-b: { F: a } }"),
        .entity("checks: { c: { OR: [{ F: a }, { F: { gt: ⟨invalid_filter⟩1 } }] } }"),
        .entity("⟨not_supported⟩realtime: true"),
        .entity("renamedFrom: ⟨contradiction⟩A"),
        .entities(
            "A: { renamedFrom: ⟨contradiction⟩Z, fields: { F: { type: string } } }",
            "B: { renamedFrom: ⟨contradiction⟩Z, fields: { F: { type: string } } }"),
        .entity("checks: { c: { ⟨unknown_field⟩owner.Name: a } }"),
        .entity("access: { ⟨reserved_name⟩admin: { read: true } }"),
        .entity("access: { anyone: { read: ⟨wrong_type⟩always } }"),
        .entity("access: { anyone: { read: { F: { equals: ⟨invalid_filter⟩$user.name } } } }"),
        .entity("access: { anyone: { read: ⟨invalid_filter⟩{} } }"),
        .entity("access: { anyone: { hide: [⟨unknown_field⟩G] } }"),
        .entity("access: { anyone: { hide: ⟨wrong_type⟩F } }"),
        .entity("access: { anyone: { ⟨unknown_key⟩reed: true } }"),
        .entity("access: { anyone: ⟨wrong_type⟩true }"),
        .entity("access: ⟨wrong_type⟩true"),
    ]
}
