import SeaworthyData
import SeaworthySchema

/// What the document says of administering users.
struct OpenAPIUsers {
    let identity: OpenAPIIdentity

    static let tag: JSONValue = ["name": "users", "description": "Everybody who can sign in; for the role admin alone."]

    var paths: [JSONObject.Member] {
        [
            .init(name: "/v1/users", value: ["get": list, "post": add]),
            .init(
                name: "/v1/users/security-events",
                value: [
                    "get": operation(
                        "getSecurityEvents", "What changed who may do what", parameters: OpenAPIIdentity.paging + [Self.ofUser],
                        description: "Who did it, to whom, from where. Events are written with the change, and never changed.",
                        answer: (200, "Events, the newest first.", OpenAPIIdentity.page(.reference("schemas", "Users.SecurityEvent"))),
                        finds: false)
                ]),
            .init(name: "/v1/users/{id}", value: ["parameters": [Self.id], "get": read, "patch": change, "delete": remove]),
            one("sign-out", ["post": operation("signOutUser", "End every session of a user", answer: (204, "They have ended.", nil))]),
            one(
                "sessions",
                [
                    "get": operation(
                        "getUserSessions", "The sessions of a user that go on",
                        answer: (200, "Sessions, the one seen last first.", OpenAPIIdentity.list(.reference("schemas", "Auth.Session"))))
                ]),
            one(
                "login-history",
                [
                    "get": operation(
                        "getUserSignIns", "A user's attempts to sign in", parameters: OpenAPIIdentity.paging,
                        answer: (200, "Attempts, the newest first.", OpenAPIIdentity.page(.reference("schemas", "Auth.SignIn"))))
                ]),
            one(
                "totp/reset",
                [
                    "post": operation(
                        "resetUserTotp", "End the second factor of a user who has lost it",
                        description: "The user is told by mail. Sessions go on.", answer: (204, "It has ended.", nil))
                ]),
        ]
    }

    var schemas: [JSONObject.Member] {
        [
            .init(
                name: "Users.User",
                value: OpenAPIIdentity.object([
                    "id": ["type": "string", "format": "uuid"], "email": ["type": "string"], "roles": Self.roles,
                    "attributes": [
                        "type": "object", "description": "What the schema declares under identity.attributes.",
                        "required": .array(identity.model.attributes.map { .string($0.name) }),
                    ],
                    "isVerified": ["type": "boolean"], "isDisabled": ["type": "boolean"], "hasPassword": ["type": "boolean"],
                    "hasTotp": ["type": "boolean"], "createdAt": OpenAPIIdentity.time, "updatedAt": OpenAPIIdentity.time,
                    "lastLoginAt": OpenAPIIdentity.optionalTime,
                ])),
            .init(
                name: "Users.SecurityEvent",
                value: OpenAPIIdentity.object([
                    "id": ["type": "string", "format": "uuid"], "time": OpenAPIIdentity.time,
                    "event": ["type": "string", "enum": .array(SecurityEvent.Kind.allCases.map { .string($0.rawValue) })],
                    "user": OpenAPIIdentity.optionalText, "actor": OpenAPIIdentity.optionalText, "key": OpenAPIIdentity.optionalText,
                    "address": OpenAPIIdentity.optionalText, "userAgent": OpenAPIIdentity.optionalText,
                    "requestId": OpenAPIIdentity.optionalText, "details": ["type": "object"],
                ])),
        ]
    }

    private static let ofUser: JSONValue = [
        "name": "user", "in": "query", "description": "Whom they are about.", "schema": ["type": "string", "format": "uuid"],
    ]

    // MARK: Operations

    private var list: JSONValue {
        operation(
            "getUsers", "Everybody who can sign in", parameters: OpenAPIIdentity.paging + [Self.address],
            answer: (200, "Users, in the order of their addresses.", OpenAPIIdentity.page(Self.user)), finds: false)
    }

    private var add: JSONValue {
        operation(
            "addUser", "Make a user", body: [("email", OpenAPIIdentity.email)],
            optional: [("password", OpenAPIIdentity.password), ("roles", Self.roles), ("attributes", attributes)],
            description: "The address counts as verified. Without a password a mail goes out with which one can be set.",
            answer: (201, "The user.", OpenAPIIdentity.data(Self.user)), refusals: [409], finds: false)
    }

    private var read: JSONValue { operation("getUser", "A user", answer: (200, "The user.", OpenAPIIdentity.data(Self.user))) }

    private var change: JSONValue {
        operation(
            "changeUser", "Change a user",
            optional: [
                ("email", OpenAPIIdentity.email), ("roles", Self.roles), ("attributes", attributes), ("isDisabled", ["type": "boolean"]),
            ],
            types: [.mergePatch, .json],
            description: """
                What is not there stays; of attributes null takes one away. Another address counts as verified. Who is disabled loses every \
                session. 409 with last_administrator where nobody would be left who has the role admin and is not disabled.
                """,
            answer: (200, "The user.", OpenAPIIdentity.data(Self.user)), refusals: [409])
    }

    private var remove: JSONValue {
        operation(
            "removeUser", "Remove a user with everything of theirs", description: "Records that they made stay.",
            answer: (204, "The user is gone.", nil), refusals: [409])
    }

    /// - Parameter finds: whether it is about one user, who may be none.
    private func operation(
        _ id: String, _ summary: String, parameters: [JSONValue] = [], body: [(String, JSONValue)] = [],
        optional: [(String, JSONValue)] = [], types: [MediaType] = [.json], description: String? = nil, answer: OpenAPIIdentity.Answer,
        refusals: [Int] = [], finds: Bool = true
    ) -> JSONValue {
        identity.operation(
            id, summary, .signedIn, tag: "users", parameters: parameters, body: body, optional: optional, types: types,
            description: description, answer: answer, refusals: refusals + [403] + (finds ? [404] : []))
    }

    private func one(_ path: String, _ operations: JSONObject) -> JSONObject.Member {
        .init(
            name: "/v1/users/{id}/\(path)", value: .object(JSONObject([.init(name: "parameters", value: [Self.id])] + operations.members)))
    }

    // MARK: Parts

    private var attributes: JSONValue {
        [
            "type": "object", "additionalProperties": false,
            "properties": .object(JSONObject(identity.model.attributes.map { .init(name: $0.name, value: [:]) })),
        ]
    }

    private static let user: JSONValue = .reference("schemas", "Users.User")
    private static let roles: JSONValue = ["type": "array", "items": ["type": "string"]]
    private static let id: JSONValue = [
        "name": "id", "in": "path", "required": true, "description": "The user's id.", "schema": ["type": "string", "format": "uuid"],
    ]
    private static let address: JSONValue = [
        "name": "email", "in": "query", "description": "Only the user with this address.", "schema": ["type": "string"],
    ]
}
