/// What a reference may not be, each with the place at which it is reported.
enum RefusedReferences {
    private static let pair = "P: { key: [K, L], fields: { K: { type: integer }, L: { type: string } } }"
    private static let sole = "S: { key: K, fields: { K: { type: integer } } }"

    static let targets: [MarkedSchema] = [
        .entities(sole, "A: { fields: { F: { references: ⟨unknown_entity⟩T } } }"),
        .entities(sole, "A: { fields: { F: { references: ⟨wrong_type⟩5 } } }"),
        .entities(sole, "A: { fields: { F: { ⟨missing_key⟩references: { fields: [F] } } } }"),
        .entities(sole, "A: { fields: { F: { references: { entity: S, ⟨unknown_key⟩field: F } } } }"),
        .entities(pair, "A: { fields: { F: { references: ⟨invalid_reference⟩P } } }"),
        .entities(pair, "A: { fields: { F: { references: { entity: P, fields: ⟨invalid_reference⟩[F] } } } }"),
        .entities(sole, "A: { fields: { F: { references: { entity: S, fields: ⟨invalid_reference⟩[F, G] } }, G: { type: integer } } }"),
        .entities(
            pair,
            "A: { fields: { F: { references: { entity: P, fields: ⟨invalid_reference⟩[G, H] } }, G: { type: integer }, H: { type: string } } }"
        ),
        .entities(pair, "A: { fields: { F: { references: { entity: P, fields: [F, ⟨unknown_field⟩G] } } } }"),
        .entities(
            "A: { key: F, fields: { ⟨missing_key⟩F: { references: ⟨required_cycle⟩B } } }",
            "B: { key: G, fields: { G: { references: A } } }"),
    ]

    static let types: [MarkedSchema] = [
        .entities(sole, "A: { fields: { F: { type: ⟨type_mismatch⟩string, references: S } } }"),
        .entities(sole, "A: { fields: { F: { type: ⟨type_mismatch⟩bigint, references: S } } }"),
        .entities(
            "S: { key: K, fields: { K: { type: decimal, precision: 5, scale: 0 } } }",
            "A: { fields: { F: { type: ⟨type_mismatch⟩decimal, precision: 6, scale: 0, references: S } } }"),
        .entities(
            "S: { key: K, fields: { K: { type: enum, values: [a, b] } } }",
            "A: { fields: { F: { type: ⟨type_mismatch⟩enum, values: [b, a], references: S } } }"),
        .entities(
            pair, "A: { fields: { F: { references: { entity: P, fields: [F, G] } }, G: { type: ⟨type_mismatch⟩integer } } }"),
        .entities(
            "S: { key: K, fields: { K: { type: decimal, precision: 5, scale: 0 } } }",
            "A: { fields: { F: { references: S, ⟨not_applicable⟩precision: 5 } } }"),
    ]

    static let names: [MarkedSchema] = [
        .entities(sole, "A: { fields: { F: { references: S, as: ⟨name_collision⟩G }, G: { type: string } } }"),
        .entities(sole, "A: { fields: { F: { references: S, as: ⟨reserved_name⟩data } } }"),
        .entities(sole, "A: { fields: { F: { references: S, as: ⟨invalid_name⟩a-b } } }"),
        .entities(sole, "A: { fields: { F: { references: S, as: x }, G: { references: S, as: ⟨name_collision⟩x } } }"),
        .entities(sole, "A: { fields: { F: { references: S, inverse: ⟨name_collision⟩K } } }"),
        .entities(sole, "A: { fields: { F: { references: S, inverse: x }, G: { references: S, as: g, inverse: ⟨name_collision⟩x } } }"),
        .entities(sole, "A: { fields: { F: { references: ⟨name_collision⟩S }, S: { type: string } } }"),
        .entities("A: { fields: { F: { references: A, as: x, inverse: ⟨name_collision⟩x } } }"),
    ]

    static let actions: [MarkedSchema] = [
        .entities(sole, "A: { fields: { F: { references: S, onDelete: ⟨out_of_range⟩remove } } }"),
        .entities(sole, "A: { fields: { F: { references: S, required: true, onDelete: ⟨contradiction⟩setNull } } }"),
        .entities(sole, "A: { key: F, fields: { F: { references: S, onDelete: ⟨contradiction⟩setNull } } }"),
        .entities(
            sole, "V: { readOnly: true, key: F, fields: { F: { references: S, ⟨not_applicable⟩onDelete: restrict } } }"),
        .entities(
            pair,
            "A: { fields: { F: { references: { entity: P, fields: [F, G] }, onDelete: ⟨contradiction⟩setNull }, G: { type: string, required: true } } }"
        ),
    ]

    static let cycles: [MarkedSchema] = [
        .entities("A: { fields: { F: { references: ⟨required_cycle⟩A, required: true } } }"),
        .entities(
            "A: { fields: { F: { references: ⟨required_cycle⟩B, required: true } } }",
            "B: { fields: { F: { references: A, required: true } } }"),
        .entities(
            "A: { fields: { F: { references: ⟨required_cycle⟩B, required: true } } }",
            "B: { fields: { F: { references: C, required: true } } }",
            "C: { fields: { F: { references: A, required: true } } }",
            "D: { fields: { F: { references: ⟨required_cycle⟩D, required: true } } }"),
    ]
}
