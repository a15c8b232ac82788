import SeaworthyData
import SeaworthySchema

/// Users and what is theirs in the form in which it is sent.
enum UserJSON {
    /// As somebody sees themselves.
    static func own(_ user: User, _ model: Schema.Identity) -> JSONValue {
        [
            "id": .string(user.id), "email": .string(user.email), "roles": .array(user.roles.map(JSONValue.string)),
            "attributes": user.attributesJSON(model), "isVerified": .bool(user.verifiedAt != nil),
            "hasTotp": .bool(user.hasSecondFactor), "createdAt": time(user.createdAt), "lastLoginAt": time(user.lastLoginAt),
        ]
    }

    /// As an administrator sees them.
    static func administered(_ user: User, _ model: Schema.Identity) -> JSONValue {
        [
            "id": .string(user.id), "email": .string(user.email), "roles": .array(user.roles.map(JSONValue.string)),
            "attributes": user.attributesJSON(model), "isVerified": .bool(user.verifiedAt != nil),
            "isDisabled": .bool(user.disabledAt != nil), "hasPassword": .bool(user.hasPassword), "hasTotp": .bool(user.hasSecondFactor),
            "createdAt": time(user.createdAt), "updatedAt": time(user.updatedAt), "lastLoginAt": time(user.lastLoginAt),
        ]
    }

    static func session(_ session: SessionRecord, isCurrent: Bool) -> JSONValue {
        [
            "id": .string(session.id), "isCurrent": .bool(isCurrent), "method": .string(session.method), "address": text(session.address),
            "userAgent": text(session.userAgent), "createdAt": time(session.createdAt), "lastSeenAt": time(session.lastSeenAt),
            "expiresAt": time(session.expiresAt),
        ]
    }

    static func key(_ key: KeyRecord) -> JSONObject {
        [
            "id": .string(key.id), "prefix": .string(key.prefix), "name": .string(key.name),
            "scopes": .array(key.scopes.map(JSONValue.string)), "createdAt": time(key.createdAt), "expiresAt": time(key.expiresAt),
            "lastUsedAt": time(key.lastUsedAt),
        ]
    }

    static func signIn(_ signIn: SignInRecord) -> JSONValue {
        [
            "time": time(signIn.at), "outcome": .string(signIn.outcome), "method": .string(signIn.method), "address": text(signIn.address),
            "userAgent": text(signIn.userAgent),
        ]
    }

    static func event(_ event: SecurityEvent) -> JSONValue {
        [
            "id": .string(event.id), "time": time(event.at), "event": .string(event.kind), "user": text(event.userID),
            "actor": text(event.actor), "key": text(event.keyID), "address": text(event.address), "userAgent": text(event.userAgent),
            "requestId": text(event.requestID), "details": event.details,
        ]
    }

    private static func time(_ microseconds: Int64?) -> JSONValue {
        FieldType.timestamp.json(microseconds.map(Value.integer) ?? .null)
    }

    private static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
