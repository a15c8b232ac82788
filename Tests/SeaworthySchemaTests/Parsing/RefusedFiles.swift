/// What the file as a whole may not be, each with the place at which it is reported.
enum RefusedFiles {
    private static let entities = "entities: { A: { fields: { F: { type: string } } } }\n"

    static let yaml: [MarkedSchema] = [
        MarkedSchema("⟨empty_document⟩"),
        MarkedSchema("⟨empty_document⟩# only a comment\n"),
        MarkedSchema("⟨empty_document⟩--- ~\n"),
        MarkedSchema("⟨wrong_type⟩- a\n- b\n"),
        MarkedSchema("⟨wrong_type⟩text\n"),
        MarkedSchema("name: t\n\(entities)⟨multiple_documents⟩---\nname: u\n"),
        MarkedSchema("name: t\nentities:\n⟨invalid_yaml⟩\tA: {}\n"),
        MarkedSchema("name: t\nentities: { A: { fields: [ ⟨invalid_yaml⟩} } }\n"),
        MarkedSchema("name: t\nentities: ⟨invalid_yaml⟩*nowhere\n"),
        MarkedSchema("name: t⟨invalid_yaml⟩\u{0}\n"),
        MarkedSchema("name: ⟨invalid_yaml⟩!secret t\n\(entities)"),
        MarkedSchema("name: t\n\(entities)⟨invalid_yaml⟩[a, b]: 1\n"),
        MarkedSchema("name: t\n⟨duplicate_key⟩name: u\n\(entities)"),
        MarkedSchema("name: t\n⟨duplicate_key⟩\"name\": u\n⟨duplicate_key⟩name: v\n\(entities)"),
        MarkedSchema("'name': t\n⟨duplicate_key⟩name: u\n\(entities)"),
        .fields("F: { type: string, max: 3, ⟨duplicate_key⟩max: 4, ⟨duplicate_key⟩type: text }", "⟨duplicate_key⟩F: { type: text }"),
        .fields("⟨invalid_name⟩größe: { type: ⟨unknown_type⟩strng }"),
    ]

    static let documents: [MarkedSchema] = [
        MarkedSchema("⟨missing_key⟩\(entities)"),
        MarkedSchema("⟨missing_key⟩name: t\n"),
        MarkedSchema("name: t\nentities: ⟨missing_key⟩{}\n"),
        MarkedSchema("name: t\nentities: ⟨wrong_type⟩[]\n"),
        MarkedSchema("name: t\nentities:⟨wrong_type⟩\n"),
        MarkedSchema("name: ⟨wrong_type⟩5\n\(entities)"),
        MarkedSchema("name: ⟨wrong_type⟩''\n\(entities)"),
        MarkedSchema("name: t\n⟨unknown_key⟩entity: {}\n\(entities)"),
        MarkedSchema("name: t\n⟨unknown_key⟩<<: {}\n\(entities)"),
        MarkedSchema("name: t\napi: ⟨wrong_type⟩25\n\(entities)"),
        MarkedSchema("name: t\napi: { pageSize: ⟨out_of_range⟩0 }\n\(entities)"),
        MarkedSchema("name: t\napi: { maxPageSize: ⟨out_of_range⟩10001 }\n\(entities)"),
        MarkedSchema("name: t\napi: { pageSize: ⟨contradiction⟩11, maxPageSize: 10 }\n\(entities)"),
        MarkedSchema("name: t\napi: { pageSize: ⟨wrong_type⟩'10' }\n\(entities)"),
        MarkedSchema("name: t\napi: { ⟨unknown_key⟩page: 10 }\n\(entities)"),
        MarkedSchema("name: t\nlimits: { default: ⟨wrong_type⟩fast, roles: { ⟨unknown_role⟩nobody: 1/m } }\n\(entities)"),
    ]
}
