/// The model as an entity relationship diagram in Mermaid (https://mermaid.js.org/syntax/entityRelationshipDiagram.html).
///
/// Only what every version of Mermaid since 9.2 reads is written, and whatever the model holds stays within its place: names of entities
/// stand in quotes, because an entity may be called `Class` or `One`, which mean something there.
package struct MermaidDiagram: Sendable {
    private let schema: Schema

    package init(_ schema: Schema) {
        self.schema = schema
    }

    /// Without a newline at its end.
    package var text: String {
        let blocks = schema.entities.map(block)
        let relations = schema.entities.flatMap { entity in entity.references.map { relation($0, of: entity) } }
        return (["erDiagram"] + blocks + relations).joined(separator: "\n")
    }

    // MARK: Entities

    private func block(_ entity: Entity) -> String {
        let lines = entity.fields.indices.map { "        " + attribute($0, of: entity) }
        return (["    \(quoted(entity.name)) {"] + lines + ["    }"]).joined(separator: "\n")
    }

    private func attribute(_ index: Int, of entity: Entity) -> String {
        let field = entity.fields[index]
        let marks = marks(index, of: entity)
        let name = word(field.name)
        var comments: [String] = []
        if name != field.name { comments.append("named \(field.name)") }
        if let detail = detail(of: field.type) { comments.append(detail) }
        if let description = field.description { comments.append(description) }
        var parts = [type(field.type), name]
        if !marks.isEmpty { parts.append(marks.joined(separator: ", ")) }
        if !comments.isEmpty { parts.append(quoted(comments.joined(separator: "; "))) }
        return parts.joined(separator: " ")
    }

    /// PK for a part of the key, FK for a part of a reference, UK for a field that is unique by itself.
    private func marks(_ index: Int, of entity: Entity) -> [String] {
        var marks: [String] = []
        if entity.key.contains(index) { marks.append("PK") }
        if entity.references.contains(where: { $0.fields.contains(index) }) { marks.append("FK") }
        if entity.unique.contains([index]) { marks.append("UK") }
        return marks
    }

    /// The type in one word; what else there is to say of it is the comment's.
    private func type(_ type: FieldType) -> String {
        if case .array(let element) = type { return element.name + "[]" }
        return type.name
    }

    private func detail(of type: FieldType) -> String? {
        switch type {
        case .decimal(let precision, let scale): "\(precision) digits, \(scale) after the point"
        case .enum(let values): values.joined(separator: ", ")
        case .array(let element): detail(of: element)
        default: nil
        }
    }

    // MARK: Relations

    /// The target on the left, what refers to it on the right. The line is solid when the reference is part of the key.
    private func relation(_ reference: Reference, of entity: Entity) -> String {
        let isRequired = !reference.fields.contains(where: entity.isNullable)
        let isIdentifying = reference.fields.contains(where: entity.key.contains)
        let line = (isRequired ? "||" : "|o") + (isIdentifying ? "--" : "..") + (isOneToOne(reference, of: entity) ? "o|" : "o{")
        let names = [reference.name] + (reference.inverse.map { [$0] } ?? [])
        return "    \(quoted(reference.target)) \(line) \(quoted(entity.name)) : \(quoted(names.joined(separator: " / ")))"
    }

    /// Whether at most one record refers to each: the key or a unique constraint is within the reference's fields.
    private func isOneToOne(_ reference: Reference, of entity: Entity) -> Bool {
        ([entity.key] + entity.unique).contains { !$0.isEmpty && $0.allSatisfy(reference.fields.contains) }
    }

    // MARK: Texts

    /// The name of a field: a letter or `_`, then letters, digits and `_`. `PK`, `FK` and `UK` in any case are marks, so that a field of
    /// this name gets an underscore in front.
    private func word(_ name: String) -> String {
        let safe = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        let isMark = ["pk", "fk", "uk"].contains(safe.lowercased())
        return safe.first.map { $0.isNumber || isMark } ?? true ? "_" + safe : safe
    }

    /// A text in quotes, on one line. Mermaid has codes for what would end it or mean something: `#quot;` is a quote, `#35;` is `#`.
    ///
    /// A percent sign could begin a directive (`%%{init: …}%%`), and no quoted name may hold one.
    private func quoted(_ text: String) -> String {
        var safe = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": safe += "#quot;"
            case "#": safe += "#35;"
            case "%": safe += "#37;"
            case "\\": safe += "#92;"
            case "<": safe += "#lt;"
            case ">": safe += "#gt;"
            case "&": safe += "#amp;"
            case _ where scalar.properties.isWhitespace || scalar.properties.generalCategory == .control:
                if safe.last != " " { safe += " " }
            default: safe.unicodeScalars.append(scalar)
            }
        }
        return "\"\(safe.isEmpty ? "_" : safe)\""
    }
}
