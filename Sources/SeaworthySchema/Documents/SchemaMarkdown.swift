/// The model as a Markdown document: every entity with its fields, references, constraints, checks and rules.
package struct SchemaMarkdown: Sendable {
    private let schema: Schema

    package init(_ schema: Schema) {
        self.schema = schema
    }

    /// Without a newline at its end.
    package var text: String {
        let count = schema.entities.count == 1 ? "1 entity" : "\(schema.entities.count) entities"
        // No other heading is one word alone, so that none takes the anchor of an entity.
        let head = ["# The data model of \(MarkdownText.prose(schema.name))", "\(count):", contents]
        return (head + schema.entities.flatMap(section)).joined(separator: "\n\n")
    }

    private var contents: String {
        schema.entities.map { entity in
            let description = entity.description.map { ": \(MarkdownText.prose($0))" } ?? ""
            return "- \(link(entity.name))\(description)"
        }.joined(separator: "\n")
    }

    private func link(_ entity: String) -> String {
        "[\(MarkdownText.prose(entity))](#\(MarkdownText.anchor(entity)))"
    }

    // MARK: An entity

    private func section(_ entity: Entity) -> [String] {
        let parts = [
            entity.description.map(MarkdownText.prose), summary(entity),
            titled("Fields of", entity, fields(entity)), titled("References of", entity, references(entity)),
            titled("What refers to", entity, referrers(entity)), titled("Constraints and indexes of", entity, constraints(entity)),
            titled("Checks of", entity, checks(entity)), titled("Access to", entity, access(entity)),
        ]
        return ["## \(MarkdownText.prose(entity.name))"] + parts.compactMap { $0 }
    }

    private func titled(_ title: String, _ entity: Entity, _ content: String?) -> String? {
        content.map { "### \(title) \(MarkdownText.prose(entity.name))\n\n\($0)" }
    }

    private func summary(_ entity: Entity) -> String {
        [
            "- Path: \(MarkdownText.code("/v1/\(entity.path)"))",
            "- \(entity.isReadOnly ? "View, which is only read" : "Table"): \(MarkdownText.code(entity.tableTitle))",
            "- Key: \(names(entity.key, of: entity))",
            entity.hasSoftDelete ? "- A deleted record stays until it is purged" : nil,
            entity.audit.map { audit in
                "- Every change is kept" + (audit.keepSeconds.map { " for \(DurationText.render(.seconds($0)))" } ?? "")
            },
        ].compactMap { $0 }.joined(separator: "\n")
    }

    private func names(_ fields: [Int], of entity: Entity) -> String {
        MarkdownText.codes(fields.map { entity.fields[$0].name })
    }

    private func fields(_ entity: Entity) -> String {
        MarkdownText.table(
            ["field", "type", "required", "default", "bounds", "pattern", "notes", "description"],
            entity.fields.indices.map { index in
                let field = FieldText(entity: entity, index: index)
                return [
                    MarkdownText.code(entity.fields[index].name), field.type, field.isRequired ? "yes" : "", field.defaultValue,
                    field.bounds, field.pattern, field.notes, field.description,
                ]
            })
    }

    // MARK: References

    private func references(_ entity: Entity) -> String? {
        guard !entity.references.isEmpty else { return nil }
        return MarkdownText.table(
            ["relation", "fields", "refers to", "its name there", "when the target is deleted"],
            entity.references.map { reference in
                [
                    MarkdownText.code(reference.name), names(reference.fields, of: entity), link(reference.target),
                    reference.inverse.map(MarkdownText.code) ?? "", text(reference.onDelete),
                ]
            })
    }

    private func referrers(_ entity: Entity) -> String? {
        let rows = schema.entities.flatMap { other in
            other.references.filter { $0.target.hasSameBytes(as: entity.name) }.map { reference in
                [
                    link(other.name), names(reference.fields, of: other), MarkdownText.code(reference.name),
                    reference.inverse.map(MarkdownText.code) ?? "", text(reference.onDelete),
                ]
            }
        }
        guard !rows.isEmpty else { return nil }
        return MarkdownText.table(["entity", "fields", "relation", "its name here", "when a record here is deleted"], rows)
    }

    private func text(_ onDelete: Reference.OnDelete) -> String {
        switch onDelete {
        case .restrict: "`restrict`: refused while something refers to it"
        case .cascade: "`cascade`: what refers to it is deleted too"
        case .setNull: "`setNull`: what refers to it loses the reference"
        }
    }

    // MARK: Rules

    private func constraints(_ entity: Entity) -> String? {
        let lines =
            entity.unique.map { "- Unique: \(names($0, of: entity))" } + entity.indexes.map { "- Index: \(names($0, of: entity))" }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    private func checks(_ entity: Entity) -> String? {
        guard !entity.checks.isEmpty else { return nil }
        let words = FilterText(entity: entity, entities: schema.entities)
        return MarkdownText.table(
            ["check", "holds when"],
            entity.checks.map { [MarkdownText.code($0.name), MarkdownText.prose(words.text($0.filter))] })
    }

    private func access(_ entity: Entity) -> String {
        guard !entity.access.roles.isEmpty else { return "Nobody may do anything." }
        let words = FilterText(entity: entity, entities: schema.entities)
        func text(_ rule: Rule) -> String {
            switch rule {
            case .never: "no"
            case .always: "yes"
            case .when(let filter): "where \(MarkdownText.prose(words.text(filter)))"
            }
        }
        return MarkdownText.table(
            [
                "role", "read", "create", "update", "delete", "restore", "purge", "history", "hidden fields", "read-only fields",
            ],
            entity.access.roles.map { role in
                let rules = [role.read, role.create, role.update, role.delete, role.restore, role.purge, role.history]
                let fields = [role.hidden, role.readOnly].map { names($0.sorted(), of: entity) }
                return [MarkdownText.code(role.role)] + rules.map(text) + fields
            })
    }
}
