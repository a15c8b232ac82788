import SeaworthyData
import SeaworthySchema

/// `seaworthy user …`: who can sign in, past the server.
package struct UserOperation: Sendable {
    private let schemaPath: String

    package init(schemaPath: String) {
        self.schemaPath = schemaPath
    }

    /// Makes a user whose address counts as verified.
    ///
    /// - Parameters:
    ///   - password: nil for one who sets it with the code that the report has.
    package func create(email: String, password: String?, roles: [String]) async throws -> OperationReport {
        try await with { identities in
            let now = WallClock.microseconds()
            let user = try await identities.createUser(email: email, password: password, roles: roles, now: now)
            var text = "\(user.email): created, \(Self.roles(user))"
            var members: JSONObject = ["id": .string(user.id), "email": .string(user.email), "roles": Self.list(user.roles)]
            if password == nil {
                let token = try await identities.invite(user, now: now)
                text += "\nTo set a password, within \(Self.days(identities.settings.verificationLifetime)):"
                text += " POST /v1/auth/password/reset {\"token\":\"\(token)\",\"password\":\"…\"}"
                members.append("setPasswordToken", .string(token))
            }
            return OperationReport(text, JSONValue.object(members))
        }
    }

    /// Every user, in the order of their addresses.
    package func list() async throws -> OperationReport {
        try await with { identities in
            var users: [User] = []
            while true {
                let page = try await identities.users(behind: users.last?.email ?? "", limit: 1000)
                users += page
                if page.count < 1000 { break }
            }
            let lines = users.map { user in
                let state = user.disabledAt != nil ? ", disabled" : user.verifiedAt == nil ? ", not verified" : ""
                return "\(user.email): \(Self.roles(user))\(state)\(user.hasSecondFactor ? ", with a second factor" : "")"
            }
            let json = users.map { user -> JSONValue in
                [
                    "id": .string(user.id), "email": .string(user.email), "roles": Self.list(user.roles),
                    "attributes": user.attributesJSON(identities.model), "isVerified": .bool(user.verifiedAt != nil),
                    "isDisabled": .bool(user.disabledAt != nil), "hasTotp": .bool(user.hasSecondFactor),
                ]
            }
            return OperationReport(lines.isEmpty ? "no users" : lines.joined(separator: "\n"), JSONValue.array(json))
        }
    }

    /// Keeps somebody from signing in and ends their sessions, or lets them again.
    package func setDisabled(_ isDisabled: Bool, email: String) async throws -> OperationReport {
        try await with { identities in
            let user = try await identities.user(email: email)
            let changed = try await identities.changeUser(
                user.id, Identities.UserChange(isDisabled: isDisabled), now: WallClock.microseconds())
            let json: JSONValue = ["id": .string(changed.id), "email": .string(changed.email), "isDisabled": .bool(isDisabled)]
            return OperationReport(
                "\(changed.email): \(isDisabled ? "disabled, and every session has ended" : "may sign in again")",
                json)
        }
    }

    private func with(_ body: (Identities) async throws -> OperationReport) async throws -> OperationReport {
        try await Operations.identities(schemaPath: schemaPath, body)
    }

    private static func roles(_ user: User) -> String {
        user.roles.isEmpty ? "no roles" : "roles \(user.roles.joined(separator: ", "))"
    }

    private static func list(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }

    private static func days(_ duration: Duration) -> String { DurationText.render(duration) }
}
