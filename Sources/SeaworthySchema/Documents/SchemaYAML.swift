/// A schema as the file that declares it: what follows from names and defaults is left out, so that it reads as if a person had written it.
package struct SchemaYAML {
    /// The longest line of a field; one that would be longer has a line a key.
    static let longestLine = 140

    private let schema: Schema
    private let comments: SchemaComments

    package init(_ schema: Schema, comments: SchemaComments = SchemaComments()) {
        self.schema = schema
        self.comments = comments
    }

    package var text: String {
        var lines = Self.commented(comments.top)
        lines.append("name: \(YAMLText.scalar(schema.name))")
        if schema.api != Schema.API() {
            lines.append("api: { pageSize: \(schema.api.pageSize), maxPageSize: \(schema.api.maxPageSize) }")
        }
        if schema.identity != Schema.Identity() {
            var parts = schema.identity.registers ? ["register: true"] : []
            if !schema.identity.attributes.isEmpty {
                parts.append("attributes: \(YAMLText.mapping(schema.identity.attributes.map { ($0.name, $0.type.name) }))")
            }
            if schema.identity.providers.isEmpty {
                lines.append("identity: { \(parts.joined(separator: ", ")) }")
            } else {
                lines.append("identity:")
                lines +=
                    parts.map { "  \($0)" } + ["  providers:"] + schema.identity.providers.map { "    \($0.name): \(Self.provider($0))" }
            }
        }
        lines += Self.limits(schema.limits)
        lines += ["", schema.entities.isEmpty ? "entities: {}" : "entities:"]
        for (index, entity) in schema.entities.enumerated() {
            if index > 0 { lines.append("") }
            let written = EntityYAML(entity, schema: schema, comments: comments.entities[entity.name] ?? SchemaComments.OfEntity())
            lines += written.lines.map { $0.isEmpty ? "" : "  " + $0 }
        }
        if !comments.bottom.isEmpty { lines += [""] + Self.commented(comments.bottom) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func limits(_ limits: Schema.Limits) -> [String] {
        let standard = Schema.Limits()
        var members: [(String, String)] = []
        if limits.rates.standard != standard.rates.standard, let bound = limits.rates.standard { members.append(("default", bound.text)) }
        if limits.auth != standard.auth { members.append(("auth", limits.auth.text)) }
        if limits.rates.importing != standard.rates.importing, let bound = limits.rates.importing { members.append(("import", bound.text)) }
        if let bound = limits.rates.exporting { members.append(("export", bound.text)) }
        if let keys = rates(limits.keys) { members.append(("keys", keys)) }
        let roles = limits.roles.compactMap { role in rates(role.rates).map { (role.name, $0) } }
        if !roles.isEmpty { members.append(("roles", YAMLText.mapping(roles))) }
        if !limits.exempt.isEmpty { members.append(("exempt", YAMLText.list(limits.exempt.map { YAMLText.scalar($0.text) }))) }
        return members.isEmpty ? [] : ["limits: \(YAMLText.mapping(members))"]
    }

    /// Nil where nothing is said.
    static func rates(_ rates: Schema.Limits.Rates) -> String? {
        let members = [("default", rates.standard), ("import", rates.importing), ("export", rates.exporting)]
            .compactMap { name, bound in bound.map { (name, $0.text) } }
        if members.isEmpty { return nil }
        return members.count == 1 && members[0].0 == "default" ? members[0].1 : YAMLText.mapping(members)
    }

    private static func provider(_ provider: Schema.Identity.Provider) -> String {
        var members = [("issuer", YAMLText.scalar(provider.issuer)), ("clientId", YAMLText.scalar(provider.clientID))]
        for (key, texts) in [("scopes", provider.scopes), ("tenants", provider.tenants)] {
            if let texts { members.append((key, "[\(texts.map(YAMLText.scalar).joined(separator: ", "))]")) }
        }
        if let claim = provider.verifiedClaim { members.append(("verifiedClaim", YAMLText.scalar(claim))) }
        if let registers = provider.registers { members.append(("register", registers ? "true" : "false")) }
        return YAMLText.mapping(members)
    }

    /// Texts as comments, a line for each of their lines.
    static func commented(_ texts: [String]) -> [String] {
        texts.flatMap { text in
            text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
                let visible = String(String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
                return visible.isEmpty ? "#" : "# " + visible
            }
        }
    }
}
