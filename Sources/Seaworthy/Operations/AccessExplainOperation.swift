import SeaworthyData
import SeaworthySchema

/// `seaworthy access explain`: what somebody may do with the records of an entity, and why.
package struct AccessExplainOperation: Sendable {
    private let schemaPath: String

    package init(schemaPath: String) {
        self.schemaPath = schemaPath
    }

    /// - Parameters:
    ///   - user: an address, `anyone` for nobody who has signed in, or `role:` with the name of a role. Only for an address the database is
    ///     asked.
    package func run(user: String, entity: String) async throws -> OperationReport {
        let schema = try Operations.schemaFile(schemaPath).schema
        try Operations.requireEntity(entity, in: schema, of: schemaPath)
        guard let entity = schema.entity(named: entity) else { throw OperationFailure("«\(entity)» is not an entity of \(schemaPath)") }
        let subject = try await subject(user, schema)
        let words = AccessExplanationText(
            explanation: AccessExplanation(subject, of: entity, in: schema), subject: subject, entity: entity, identity: schema.identity)
        return OperationReport(words.text, words.json)
    }

    private func subject(_ user: String, _ schema: Schema) async throws -> AccessExplanation.Subject {
        if user == RoleAccess.anyone { return .anyone }
        if user.hasPrefix("role:") { return .role(try role(String(user.dropFirst("role:".count)), schema)) }
        return .user(try await Operations.identities(schemaPath: schemaPath) { try await $0.user(email: user) })
    }

    private func role(_ name: String, _ schema: Schema) throws -> String {
        let named = Set(schema.entities.flatMap { $0.access.roles.map(\.role) })
        let known = named.union([RoleAccess.anyone, RoleAccess.authenticated, RoleAccess.admin]).sorted()
        guard known.contains(name) else {
            let fix = known.nearest(to: name).map { "did you mean «\($0)»?" } ?? "known are \(known.joined(separator: ", "))"
            throw OperationFailure("«\(name.excerpt)» is no role of \(schemaPath). Fix: \(fix)")
        }
        return name
    }
}
