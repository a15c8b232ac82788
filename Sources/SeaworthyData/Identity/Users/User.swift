package import SeaworthySchema

/// Somebody who can sign in.
package struct User: Sendable, Hashable {
    package var id: String
    /// In its canonical form.
    package var email: String
    /// Nil for who signs in with a provider only.
    var passwordHash: String?
    var passwordChangedAt: Int64?
    package var roles: [String]
    /// By the name that the schema declares, in the forms that are stored.
    package var attributes: [String: Value]
    /// Since when the address is known to be theirs, in microseconds since the epoch.
    package var verifiedAt: Int64?
    package var disabledAt: Int64?
    /// Encrypted.
    var totpSecret: String?
    var totpConfirmedAt: Int64?
    var totpStep: Int64?
    var recoveryCodes: [String]
    package var createdAt: Int64
    package var updatedAt: Int64
    package var lastLoginAt: Int64?

    package var hasSecondFactor: Bool { totpConfirmedAt != nil }

    /// False for who was asked to set one and has not yet, and for who signs in with a provider only.
    package var hasPassword: Bool { passwordHash != nil }

    /// Whether they can do everything, and sign in to do it.
    var isActiveAdministrator: Bool { disabledAt == nil && roles.contains(RoleAccess.admin) }

    init(id: String, email: String, now: Int64) {
        self.id = id
        self.email = email
        roles = []
        attributes = [:]
        recoveryCodes = []
        createdAt = now
        updatedAt = now
    }

    /// As access rules see them. An address counts once it is verified.
    package var caller: Caller {
        Caller(
            user: Caller.User(id: id, email: verifiedAt == nil ? nil : email, attributes: attributes), roles: Set(roles))
    }
}

extension User {
    /// A row of the table; nil for one that cannot be.
    init?(_ row: [Value], _ identity: Schema.Identity) {
        guard row.count == SystemSchema.users.fields.count, let id = row[0].text, let email = row[1].text, let createdAt = row[12].integer,
            let updatedAt = row[13].integer
        else { return nil }
        self.id = id
        self.email = email
        passwordHash = row[2].text
        passwordChangedAt = row[3].integer
        roles = Self.texts(row[4])
        attributes = Self.attributes(row[5], identity)
        verifiedAt = row[6].integer
        disabledAt = row[7].integer
        totpSecret = row[8].text
        totpConfirmedAt = row[9].integer
        totpStep = row[10].integer
        recoveryCodes = Self.texts(row[11])
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        lastLoginAt = row[14].integer
    }

    func row(_ identity: Schema.Identity) -> [Value] {
        [
            .text(id), .text(email), .optional(passwordHash), .optional(passwordChangedAt), Self.list(roles),
            .text(attributesJSON(identity).compactText), .optional(verifiedAt), .optional(disabledAt), .optional(totpSecret),
            .optional(totpConfirmedAt), .optional(totpStep), Self.list(recoveryCodes), .integer(createdAt), .integer(updatedAt),
            .optional(lastLoginAt),
        ]
    }

    /// The attributes that the schema declares; null for what is not known.
    package func attributesJSON(_ identity: Schema.Identity) -> JSONValue {
        .object(JSONObject(identity.attributes.map { .init(name: $0.name, value: $0.type.json(attributes[$0.name] ?? .null)) }))
    }

    static func list(_ texts: [String]) -> Value { .text(JSONValue.array(texts.map(JSONValue.string)).compactText) }

    static func texts(_ value: Value) -> [String] {
        guard let text = value.text, case .array(let elements)? = try? JSONParser.parse(text) else { return [] }
        return elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }

    /// What the schema no longer declares, or declares of another type, is not known.
    private static func attributes(_ value: Value, _ identity: Schema.Identity) -> [String: Value] {
        guard let text = value.text, case .object(let object)? = try? JSONParser.parse(text) else { return [:] }
        return identity.attributes.reduce(into: [:]) { known, attribute in
            guard let json = object[attribute.name], let value = try? attribute.type.value(from: json), !value.isNull else { return }
            known[attribute.name] = value
        }
    }
}
