extension Schema {
    /// The schema of a text that ``canonicalJSON`` made, also of one that an earlier version made.
    ///
    /// - Throws: ``CanonicalSchemaError`` for what is damaged or was made by a newer version.
    package init(canonicalText text: String) throws(CanonicalSchemaError) {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONParser.parse(text)
        } catch {
            throw CanonicalSchemaError(path: "", reason: "\(error)")
        }
        try self.init(canonicalJSON: json)
    }

    /// - Throws: ``CanonicalSchemaError`` for what is damaged or was made by a newer version.
    package init(canonicalJSON json: JSONValue) throws(CanonicalSchemaError) {
        let root = try CanonicalMembers(json, at: "", known: ["format", "name", "api", "identity", "entities"])
        guard try root.integer("format") == 1 else { throw root.error("format", "is not one that this version reads") }
        var api = API()
        if let value = root["api"] {
            let members = try CanonicalMembers(value, at: "api", known: ["pageSize", "maxPageSize"])
            api.pageSize = try members.integer("pageSize") ?? api.pageSize
            api.maxPageSize = try members.integer("maxPageSize") ?? api.maxPageSize
        }
        var readers: [CanonicalEntityReader] = []
        for (index, value) in try root.list("entities").enumerated() {
            readers.append(try CanonicalEntityReader(value, at: "entities[\(index)]"))
        }
        var entities: [Entity] = []
        for reader in readers { entities.append(try reader.entity()) }
        // Filters follow relations by name, so they come behind all of them.
        entities = Relation.linked(entities)
        for (index, reader) in readers.enumerated() {
            let filters = CanonicalFilterReader(entities: entities)
            entities[index].checks = try reader.checks(entities[index], filters)
            entities[index].access = try reader.access(entities[index], filters)
        }
        self.init(name: try root.text("name"), api: api, identity: try Self.identity(root), entities: entities)
    }

    private static func identity(_ root: CanonicalMembers) throws(CanonicalSchemaError) -> Identity {
        guard let value = root["identity"] else { return Identity() }
        let members = try CanonicalMembers(value, at: "identity", known: ["attributes", "register", "providers"])
        var attributes: [Identity.Attribute] = []
        for (index, value) in try members.list("attributes").enumerated() {
            let attribute = try CanonicalMembers(value, at: "identity.attributes[\(index)]", known: ["name", "type"])
            let name = try attribute.text("type")
            guard let type = FieldType.plain(named: name) else { throw attribute.error("type", "«\(name.lineExcerpt)» is no type") }
            attributes.append(Identity.Attribute(name: try attribute.text("name"), type: type))
        }
        var providers: [Identity.Provider] = []
        for (index, value) in try (members["providers"] == nil ? [] : members.list("providers")).enumerated() {
            let known: Set = ["name", "issuer", "clientId", "scopes", "tenants", "verifiedClaim", "register"]
            let provider = try CanonicalMembers(value, at: "identity.providers[\(index)]", known: known)
            providers.append(
                Identity.Provider(
                    name: try provider.text("name"), issuer: try provider.text("issuer"), clientID: try provider.text("clientId"),
                    scopes: provider["scopes"] == nil ? nil : try provider.texts("scopes"),
                    tenants: provider["tenants"] == nil ? nil : try provider.texts("tenants"),
                    verifiedClaim: try provider.optionalText("verifiedClaim"),
                    registers: provider["register"] == nil ? nil : try provider.flag("register")))
        }
        return Identity(
            attributes: attributes, registers: members["register"] == nil ? false : try members.flag("register"), providers: providers)
    }
}

/// Reads one entity: first its table, then its rules, which lead to other entities.
struct CanonicalEntityReader {
    private static let known: Set<String> = [
        "name", "table", "path", "description", "key", "fields", "references", "checks", "indexes", "unique", "access", "readOnly", "audit",
        "dbSchema",
    ]
    private let members: CanonicalMembers

    init(_ json: JSONValue, at path: String) throws(CanonicalSchemaError) {
        members = try CanonicalMembers(json, at: path, known: Self.known)
    }

    func entity() throws(CanonicalSchemaError) -> Entity {
        var fields: [Field] = []
        for (index, value) in try members.list("fields").enumerated() {
            fields.append(try CanonicalFieldReader(value, at: "\(members.place("fields"))[\(index)]").field())
        }
        var entity = Entity(
            name: try members.text("name"), table: try members.text("table"), path: try members.optionalText("path") ?? "",
            description: try members.optionalText("description"), key: [], fields: fields, isReadOnly: try members.flag("readOnly"))
        entity.dbSchema = try members.optionalText("dbSchema")
        entity.key = try indexes(members, "key", entity)
        guard !entity.key.isEmpty else { throw members.error("key", "is empty") }
        entity.references = try references(entity)
        for value in try members.list("indexes") { entity.indexes.append(try indexes(value, "indexes", entity)) }
        for value in try members.list("unique") { entity.unique.append(try indexes(value, "unique", entity)) }
        if let value = members["audit"] {
            let audit = try CanonicalMembers(value, at: members.place("audit"), known: ["keepSeconds"])
            entity.audit = Entity.Audit(keepSeconds: try audit.integer("keepSeconds"))
        }
        return entity
    }

    private func references(_ entity: Entity) throws(CanonicalSchemaError) -> [Reference] {
        var references: [Reference] = []
        for (index, value) in try members.list("references").enumerated() {
            let reference = try CanonicalMembers(
                value, at: "\(members.place("references"))[\(index)]", known: ["name", "inverse", "target", "fields", "onDelete"])
            let action = try reference.optionalText("onDelete") ?? Reference.OnDelete.restrict.rawValue
            guard let onDelete = Reference.OnDelete(rawValue: action) else { throw reference.error("onDelete", "is not known") }
            references.append(
                Reference(
                    name: try reference.text("name"), inverse: try reference.optionalText("inverse"), target: try reference.text("target"),
                    fields: try indexes(reference, "fields", entity), onDelete: onDelete))
        }
        return references
    }

    func checks(_ entity: Entity, _ filters: CanonicalFilterReader) throws(CanonicalSchemaError) -> [Check] {
        var checks: [Check] = []
        for (index, value) in try members.list("checks").enumerated() {
            let check = try CanonicalMembers(value, at: "\(members.place("checks"))[\(index)]", known: ["name", "filter"])
            guard let filter = check["filter"] else { throw check.error("filter", "is missing") }
            checks.append(
                Check(name: try check.text("name"), filter: try filters.filter(filter, of: entity, at: check.place("filter"))))
        }
        return checks
    }

    func access(_ entity: Entity, _ filters: CanonicalFilterReader) throws(CanonicalSchemaError) -> Access {
        let known: Set<String> = ["role", "read", "create", "update", "delete", "restore", "purge", "history", "hide", "readOnly"]
        var roles: [RoleAccess] = []
        for (index, value) in try members.list("access").enumerated() {
            let role = try CanonicalMembers(value, at: "\(members.place("access"))[\(index)]", known: known)
            func rule(_ name: String) throws(CanonicalSchemaError) -> Rule {
                switch role[name] {
                case nil, .bool(false): return .never
                case .bool(true): return .always
                case let filter?: return .when(try filters.filter(filter, of: entity, at: role.place(name)))
                }
            }
            roles.append(
                RoleAccess(
                    role: try role.text("role"), read: try rule("read"), create: try rule("create"), update: try rule("update"),
                    delete: try rule("delete"), restore: try rule("restore"), purge: try rule("purge"), history: try rule("history"),
                    hidden: Set(try indexes(role, "hide", entity)), readOnly: Set(try indexes(role, "readOnly", entity))))
        }
        return Access(roles: roles)
    }

    private func indexes(_ members: CanonicalMembers, _ name: String, _ entity: Entity) throws(CanonicalSchemaError) -> [Int] {
        try indexes(.array(try members.list(name)), name, entity)
    }

    private func indexes(_ json: JSONValue, _ name: String, _ entity: Entity) throws(CanonicalSchemaError) -> [Int] {
        guard case .array(let elements) = json else { throw members.error(name, "is \(json.kind), not an array") }
        var indexes: [Int] = []
        for element in elements {
            guard case .string(let field) = element, let index = entity.fieldIndex(named: field) else {
                throw members.error(name, "names a field that \(entity.name) does not have")
            }
            indexes.append(index)
        }
        return indexes
    }
}
