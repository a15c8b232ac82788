/// Gives every field its type: the declared one, or that of the key it references.
struct TypeResolver {
    private enum State {
        case open, underWay
        case known(FieldType?)
    }

    private let entities: [DeclaredEntity]
    private let links: [Link]
    private let log: ProblemLog
    private var states: [[State]]

    init(entities: [DeclaredEntity], links: [Link], log: ProblemLog) {
        self.entities = entities
        self.links = links
        self.log = log
        states = entities.map { entity in entity.fields.map { _ in .open } }
    }

    /// The type of each field of each entity; nil where it is not known, which is reported.
    mutating func types() -> [[FieldType?]] {
        let types = entities.indices.map { entity in
            entities[entity].fields.indices.map { field in type(entity, field) }
        }
        for link in links { compare(link, types) }
        return types
    }

    private mutating func type(_ entity: Int, _ field: Int) -> FieldType? {
        switch states[entity][field] {
        case .known(let type): return type
        case .underWay:
            missing(entity, field, "The references go round in a circle, so «\(entities[entity].fields[field].name)» has no type.")
            return nil
        case .open: break
        }
        states[entity][field] = .underWay
        let type = find(entity, field)
        states[entity][field] = .known(type)
        return type
    }

    private mutating func find(_ entity: Int, _ field: Int) -> FieldType? {
        let declared = entities[entity].fields[field]
        if declared.section.has("type") { return TypeReader(section: declared.section, log: log).type() }
        if let link = links.first(where: { $0.entity == entity && $0.field == field }) {
            guard let part = link.fields.firstIndex(of: field) else { return nil }
            return type(link.target, entities[link.target].key[part])
        }
        if !declared.section.has("references"), declared.section.isMapping { missing(entity, field, "The key «type» is missing.") }
        return nil
    }

    private func missing(_ entity: Int, _ field: Int, _ message: String) {
        let section = entities[entity].fields[field].section
        log.report(.missingKey, at: section.place, path: section.path, message, fix: "add `type:`, for example `type: string`.")
    }

    /// A field points at a key only when both have the same type, with the same digits or values.
    private func compare(_ link: Link, _ types: [[FieldType?]]) {
        for (part, field) in link.fields.enumerated() {
            let key = entities[link.target].key[part]
            guard let own = types[link.entity][field], let other = types[link.target][key], own != other else { continue }
            let declared = entities[link.entity].fields[field]
            let place = declared.section["type"] ?? declared.reference?.value
            let target = "\(entities[link.target].name).\(entities[link.target].fields[key].name)"
            log.report(
                .typeMismatch, at: place?.place ?? declared.section.place, path: place?.path ?? declared.section.path,
                "«\(declared.name)» is \(own.summary), but \(target), which it points at, is \(other.summary).",
                fix: field == link.field ? "remove `type:`; it follows from the target." : "give it the same type.")
        }
    }
}

extension FieldType {
    /// The type with what distinguishes it from others of its name.
    var summary: String {
        switch self {
        case .decimal(let precision, let scale): "decimal(\(precision), \(scale))"
        case .enum(let values): "enum(\(values.joined(separator: ", ").lineExcerpt))"
        case .array(let element): "array of \(element.summary)"
        default: name
        }
    }
}
