/// Reads `seaworthy.yaml`: text → nodes → declarations → types → entities → references → rules. Every step reports what it refuses
/// and hands on what it can, so one run names every problem.
package enum SchemaParser {
    /// - Parameters:
    ///   - yaml: the file's text. That it is UTF-8 is the caller's to check.
    ///   - file: the file's name, for the problems only.
    /// - Returns: the schema, and warnings of references and rules that no index serves.
    package static func parse(yaml: String, file: String) throws(SchemaError) -> (schema: Schema, warnings: [SchemaProblem]) {
        let log = ProblemLog(file: file, text: yaml)
        let read = YAMLReader.read(yaml, log: log).map { schema(from: $0, log: log) }
        let errors = log.problems(.error)
        guard let schema = read, errors.isEmpty else { throw SchemaError(problems: errors) }
        return (schema, log.problems(.warning))
    }

    private static func schema(from root: YAMLNode, log: ProblemLog) -> Schema {
        let document = DeclaredSection(.document, DeclaredValue(node: root, keyPlace: root.place, path: ""), log: log)
        let declared = DeclarationReader(log: log).entities(of: document)
        let links = LinkResolver(entities: declared, log: log).links()
        var resolver = TypeResolver(entities: declared, links: links, log: log)
        let types = resolver.types()

        var entities = declared.indices.map { index in
            EntityReader(entity: declared[index], types: types[index], log: log).read()
        }
        let references = ReferenceNaming(entities: declared, links: links, log: log).references()
        for index in entities.indices { entities[index].references = references[index] }
        CollisionCheck(declared: declared, entities: entities, log: log).run()
        RequiredCycles(declared: declared, entities: entities, log: log).run()
        let identity = identity(document, log: log)
        entities = Relation.linked(entities)
        for index in entities.indices {
            let rules = RuleReader(position: index, declared: declared, entities: entities, types: types, identity: identity, log: log)
            entities[index].checks = rules.checks()
            entities[index].access = rules.access()
        }
        if !log.hasErrors {
            for index in entities.indices { UnservedFields(declared: declared[index], entity: entities[index], log: log).run() }
        }
        let roles = Set(entities.flatMap { $0.access.roles.map(\.role) })
            .union([RoleAccess.admin, RoleAccess.authenticated]).subtracting([RoleAccess.anyone])
        let limits = LimitsReader(log: log).limits(document, roles: roles)
        return Schema(
            name: document.text("name") ?? "", api: api(document, log: log), identity: identity, limits: limits, entities: entities)
    }

    private static func identity(_ document: DeclaredSection, log: ProblemLog) -> Schema.Identity {
        guard let section = document["identity"].map({ DeclaredSection(.identity, $0, log: log) }) else { return Schema.Identity() }
        return Schema.Identity(
            attributes: (section["attributes"]?.members ?? []).compactMap { name, value in
                if let violation = NameRules.member(name, of: "an attribute") {
                    log.report(violation, at: value.keyPlace, path: value.path)
                    return nil
                }
                guard !Schema.Identity.builtIn.contains(where: { $0.name == name }) else {
                    log.report(
                        .nameCollision, at: value.keyPlace, path: value.path, "Every user has «\(name)» already.", fix: "remove it.")
                    return nil
                }
                guard let word = value.text, let type = FieldType.plain(named: word) else { return nil }
                return Schema.Identity.Attribute(name: name, type: type)
            }, registers: section["register"]?.bool ?? false,
            providers: (section["providers"]?.members ?? []).compactMap { name, value in provider(name, value, log) })
    }

    private static func provider(_ name: String, _ value: DeclaredValue, _ log: ProblemLog) -> Schema.Identity.Provider? {
        if let violation = NameRules.provider(name) {
            log.report(violation, at: value.keyPlace, path: value.path)
            return nil
        }
        let section = DeclaredSection(.provider, value, log: log)
        guard let issuer = section.text("issuer"), let client = section.text("clientId") else { return nil }
        let texts = ["scopes", "tenants"].map { key in section[key]?.elements.compactMap(\.text) }
        return Schema.Identity.Provider(
            name: name, issuer: issuer, clientID: client, scopes: texts[0], tenants: texts[1], verifiedClaim: section.text("verifiedClaim"),
            registers: section["register"]?.bool)
    }

    private static func api(_ document: DeclaredSection, log: ProblemLog) -> Schema.API {
        let defaults = Schema.API()
        guard let value = document["api"] else { return defaults }
        let section = DeclaredSection(.api, value, log: log)
        let given = (page: section["pageSize"], largest: section["maxPageSize"])
        if let page = given.page, let size = page.integer, let largest = given.largest?.integer, size > largest {
            log.report(
                .contradiction, at: page.place, path: page.path, "The page size «\(size)» is more than `maxPageSize`, which is \(largest).",
                fix: "write at most \(largest).")
        }
        // One that is given moves the default of the other, so that either can be written alone.
        let largest = given.largest?.integer ?? max(defaults.maxPageSize, given.page?.integer ?? 0)
        return Schema.API(pageSize: given.page?.integer ?? min(defaults.pageSize, largest), maxPageSize: largest)
    }
}
