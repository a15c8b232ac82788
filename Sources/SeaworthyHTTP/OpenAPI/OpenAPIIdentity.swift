import SeaworthyData
import SeaworthySchema

/// What the document says of signing in and of people's own accounts.
struct OpenAPIIdentity {
    let model: Schema.Identity

    static let tag: JSONValue = ["name": "auth", "description": "Signing in and out, and what people do with their own account."]

    static let securitySchemes: JSONValue = [
        "bearer": [
            "type": "http", "scheme": "bearer",
            "description":
                "The access token that POST /v1/auth/login answers with, or an API key (sw_…), which reaches of /v1/auth only GET /v1/auth/me.",
        ],
        "cookie": [
            "type": "apiKey", "in": "cookie", "name": "__Host-seaworthy-access",
            "description":
                "What a browser gets that signs in with the mode cookie; __Secure-seaworthy-access where hosts share it. What is no GET needs X-CSRF-Token as well.",
        ],
        "csrf": [
            "type": "apiKey", "in": "header", "name": "X-CSRF-Token",
            "description": "The token that GET /v1/auth/csrf answers with: every change that comes with cookies repeats it.",
        ],
    ]

    /// By which of the schemes somebody is known.
    static let security: [JSONValue] = [["bearer": []], ["cookie": [], "csrf": []]]
    /// Operations whose answers set cookies, or take them away.
    private static let withCookies: Set<String> = [
        "login", "refresh", "getCsrfToken", "logout", "logoutAll", "endSession", "providerLogin",
    ]

    var paths: [JSONObject.Member] { own + (model.providers.isEmpty ? [] : providers) }

    private var own: [JSONObject.Member] {
        [
            post(
                "register", "register", "Make an account", for: .everyone,
                body: [("email", Self.email), ("password", Self.password)],
                description:
                    "A mail proves the address before the account can be used. Of an address that has an account the answer is the same.",
                answer: (202, "A mail is sent.", Self.data(Self.status)), refusals: [403]),
            post(
                "login", "login", "Sign in", for: .everyone, body: [("email", Self.email), ("password", Self.secret)],
                optional: [("totp", Self.code), ("mode", Self.mode)],
                answer: (200, "Signed in.", Self.data(.reference("schemas", "Auth.Tokens"))), refusals: [401, 403]),
            post(
                "refresh", "refresh", "Have new tokens", for: .everyone, optional: [("refreshToken", Self.token)],
                description:
                    "The refresh token is used up. One that is used again more than 10 s later ends the session. Without one in the body it is that of the cookie, and X-CSRF-Token is needed.",
                answer: (200, "New tokens.", Self.data(.reference("schemas", "Auth.Tokens"))), refusals: [401, 403]),
            get(
                "csrf", "getCsrfToken", "The token for changes of this browser's session", for: .browser,
                answer: (200, "The token.", Self.data(Self.object(["csrfToken": ["type": "string"]])))),
            post(
                "email/verify", "verifyEmail", "Prove an address", for: .everyone, body: [("token", Self.token)],
                optional: [("password", Self.secret)],
                description: "With the password of the registration it is made sure that this is the one who registered.",
                answer: (200, "It is proven.", Self.data(Self.object(["email": ["type": "string"], "isVerified": ["type": "boolean"]])))),
            post(
                "password/forgot", "forgotPassword", "Ask for a new password", for: .everyone, body: [("email", Self.email)],
                answer: (202, "A mail is sent, if the address has an account.", Self.data(Self.status))),
            post(
                "password/reset", "resetPassword", "Set a new password with what came by mail", for: .everyone,
                body: [("token", Self.token), ("password", Self.password)], description: "Every session ends.",
                answer: (204, "It is set.", nil)),
            get(
                "me", "getMe", "Who has signed in, or whose key it is", for: .signedInOrKey,
                answer: (200, "The own account.", Self.data(.reference("schemas", "Auth.User")))),
            post("logout", "logout", "End this session", for: .signedIn, answer: (204, "It has ended.", nil), refusals: [404]),
            post("logout-all", "logoutAll", "End every session", for: .signedIn, answer: (204, "They have ended.", nil)),
            get(
                "sessions", "listSessions", "The sessions that go on",
                answer: (200, "Sessions, the one seen last first.", Self.list(.reference("schemas", "Auth.Session")))),
            .init(
                name: "/v1/auth/sessions/{id}",
                value: [
                    "delete": operation(
                        "endSession", "End a session", .signedIn, parameters: [Self.id("session")], answer: (204, "It has ended.", nil),
                        refusals: [404])
                ]),
            .init(
                name: "/v1/auth/api-keys",
                value: [
                    "get": operation(
                        "listApiKeys", "The API keys that are good", .signedIn,
                        answer: (200, "Keys, the newest first.", Self.list(.reference("schemas", "Auth.ApiKey")))),
                    "post": operation(
                        "createApiKey", "Make an API key", .signedIn, body: [("name", Self.name), ("scopes", Self.scopes)],
                        optional: [("expiresAt", Self.optionalTime)],
                        description:
                            "A key gives what the roles of its owner give, as far as its scopes allow it. It is told this once. A user has at most \(KeyRecord.maximumLive).",
                        answer: (201, "The key.", Self.data(Self.object([("key", ["type": "string"])] + Self.key))), refusals: [409]),
                ]),
            .init(
                name: "/v1/auth/api-keys/{id}",
                value: [
                    "delete": operation(
                        "revokeApiKey", "End an API key", .signedIn, parameters: [Self.id("key")],
                        description: "It is refused everywhere within a second.", answer: (204, "It has ended.", nil), refusals: [404])
                ]),
            get(
                "login-history", "listSignIns", "Attempts to sign in", parameters: Self.paging,
                answer: (200, "Attempts, the newest first.", Self.page(.reference("schemas", "Auth.SignIn")))),
            post(
                "password/change", "changePassword", "Set another password", for: .signedIn,
                body: [("password", Self.secret), ("newPassword", Self.password)], description: "The other sessions end.",
                answer: (204, "It is set.", nil)),
            post(
                "totp/enroll", "enrollTotp", "Begin a second factor", for: .signedIn, body: [("password", Self.secret)],
                answer: (
                    200, "What an authenticator app needs.",
                    Self.data(Self.object(["secret": ["type": "string"], "uri": ["type": "string"]]))
                ), refusals: [409]),
            post(
                "totp/confirm", "confirmTotp", "Use the second factor from now on", for: .signedIn, body: [("code", Self.code)],
                description: "The other sessions end. The recovery codes are told this once.",
                answer: (
                    200, "Recovery codes.",
                    Self.data(Self.object(["recoveryCodes": ["type": "array", "items": ["type": "string"]]]))
                ), refusals: [409]),
            post(
                "totp/disable", "disableTotp", "End the second factor", for: .signedIn,
                body: [("password", Self.secret), ("code", Self.code)],
                answer: (204, "It has ended.", nil), refusals: [409]),
            .init(
                name: "/.well-known/jwks.json",
                value: [
                    "get": [
                        "operationId": "getSigningKeys", "summary": "The keys that access tokens are signed with", "tags": ["auth"],
                        "responses": responses(
                            (200, "A JSON Web Key Set (RFC 7517).", ["type": "object", "required": ["keys"]]),
                            OpenAPIProblem.anywhere + [406], headers: [("Vary", "Vary")]),
                    ]
                ]),
        ]
    }

    private var providers: [JSONObject.Member] {
        let provider: JSONValue = [
            "name": "provider", "in": "path", "required": true, "description": "As the schema names it.",
            "schema": ["type": "string", "enum": .array(model.providers.map { .string($0.name) })],
        ]
        let redirect: JSONValue = [
            "name": "redirect", "in": "query",
            "description": "The path of the application to go on to in the end, where the fragment then has a code for …/token.",
            "schema": ["type": "string", "pattern": "^/([!-\"$-.0-\\[\\]-~][!-\"$-\\[\\]-~]*)?$", "maxLength": 1024],
        ]
        func moved(_ id: String, _ summary: String, _ parameters: [JSONValue], _ statuses: [Int], _ further: [JSONObject.Member])
            -> JSONValue
        {
            let away: JSONValue = [
                "description": "Where the browser goes on.",
                "headers": OpenAPIComponents.headers([("Location", "Location"), ("Set-Cookie", "SetCookie")]),
            ]
            return [
                "get": [
                    "operationId": .string(id), "summary": .string(summary), "tags": ["auth"],
                    "parameters": .array([provider] + parameters),
                    "responses": .object(
                        JSONObject(
                            further + [.init(name: "303", value: away)]
                                + OpenAPIProblem.references(OpenAPIProblem.anywhere + [403, 404] + statuses))),
                ]
            ]
        }
        let tokens: JSONValue = [
            "description": "Signed in, where no redirect was asked for.",
            "headers": OpenAPIComponents.headers([("Vary", "Vary"), ("Set-Cookie", "SetCookie")]),
            "content": ["application/json": ["schema": Self.data(.reference("schemas", "Auth.Tokens"))]],
        ]
        return [
            .init(
                name: "/v1/auth/oidc/{provider}",
                value: moved("beginProviderLogin", "Sign in with a provider, by the browser", [redirect], [], [])),
            .init(
                name: "/v1/auth/oidc/{provider}/callback",
                value: moved(
                    "finishProviderLogin", "Come back from a provider",
                    ["code", "state", "iss", "error"].map { name in
                        ["name": .string(name), "in": "query", "schema": ["type": "string"]]
                    }, [], [.init(name: "200", value: tokens)])),
            .init(
                name: "/v1/auth/oidc/{provider}/token",
                value: [
                    "post": operation(
                        "providerLogin", "Trade the code of a sign-in with a provider for tokens", .everyone, parameters: [provider],
                        body: [("code", Self.token)], optional: [("mode", Self.mode)],
                        answer: (200, "Signed in.", Self.data(.reference("schemas", "Auth.Tokens"))),
                        refusals: [403, 404])
                ]),
        ]
    }

    var schemas: [JSONObject.Member] {
        [
            .init(
                name: "Auth.Tokens",
                value: [
                    "type": "object", "required": ["expiresIn", "user"], "additionalProperties": false,
                    "description": "In the mode cookie without the tokens.",
                    "properties": [
                        "accessToken": ["type": "string"], "refreshToken": ["type": "string"],
                        "expiresIn": ["type": "integer", "description": "Seconds that the access token is good."],
                        "user": .reference("schemas", "Auth.User"),
                    ],
                ]),
            .init(
                name: "Auth.User",
                value: Self.object([
                    "id": ["type": "string", "format": "uuid"], "email": ["type": "string"],
                    "roles": ["type": "array", "items": ["type": "string"]],
                    "attributes": [
                        "type": "object", "description": "What the schema declares under identity.attributes.",
                        "required": .array(model.attributes.map { .string($0.name) }),
                    ],
                    "isVerified": ["type": "boolean"], "hasTotp": ["type": "boolean"], "createdAt": Self.time,
                    "lastLoginAt": Self.optionalTime,
                ])),
            .init(
                name: "Auth.Session",
                value: Self.object([
                    "id": ["type": "string", "format": "uuid"], "isCurrent": ["type": "boolean"], "method": ["type": "string"],
                    "address": Self.optionalText, "userAgent": Self.optionalText, "createdAt": Self.time, "lastSeenAt": Self.time,
                    "expiresAt": Self.time,
                ])),
            .init(name: "Auth.ApiKey", value: Self.object(Self.key)),
            .init(
                name: "Auth.SignIn",
                value: Self.object([
                    "time": Self.time, "outcome": ["type": "string"], "method": ["type": "string"], "address": Self.optionalText,
                    "userAgent": Self.optionalText,
                ])),
        ]
    }

    // MARK: Operations

    enum Callers { case everyone, signedIn, signedInOrKey, browser }
    typealias Answer = (status: Int, description: String, schema: JSONValue?)

    private func get(
        _ path: String, _ id: String, _ summary: String, for callers: Callers = .signedIn, parameters: [JSONValue] = [], answer: Answer
    ) -> JSONObject.Member {
        .init(
            name: "/v1/auth/\(path)",
            value: ["get": operation(id, summary, callers, parameters: parameters, answer: answer)])
    }

    private func post(
        _ path: String, _ id: String, _ summary: String, for callers: Callers, body: [(String, JSONValue)] = [],
        optional: [(String, JSONValue)] = [], description: String? = nil, answer: Answer, refusals: [Int] = []
    ) -> JSONObject.Member {
        .init(
            name: "/v1/auth/\(path)",
            value: [
                "post": operation(
                    id, summary, callers, body: body, optional: optional, description: description, answer: answer, refusals: refusals)
            ])
    }

    func operation(
        _ id: String, _ summary: String, _ callers: Callers, tag: String = "auth", parameters: [JSONValue] = [],
        body: [(String, JSONValue)] = [], optional: [(String, JSONValue)] = [], types: [MediaType] = [.json], description: String? = nil,
        answer: Answer, refusals: [Int] = []
    ) -> JSONValue {
        var operation: JSONObject = ["operationId": .string(id), "summary": .string(summary), "tags": [.string(tag)]]
        if let description { operation.append("description", .string(description)) }
        if callers != .everyone { operation.append("security", .array(callers == .browser ? [["cookie": []]] : Self.security)) }
        if !parameters.isEmpty { operation.append("parameters", .array(parameters)) }
        var further = refusals + (callers == .everyone ? [] : callers == .signedInOrKey ? [401] : [401, 403])
        if !(body + optional).isEmpty {
            let schema: JSONValue = [
                "type": "object", "required": .array(body.map { .string($0.0) }), "additionalProperties": false,
                "properties": .object(JSONObject((body + optional).map { .init(name: $0.0, value: $0.1) })),
            ]
            let content = JSONObject(types.map { .init(name: $0.essence, value: ["schema": schema]) })
            operation.append("requestBody", ["required": .bool(!body.isEmpty), "content": .object(content)])
            further += OpenAPIProblem.withBody + [406, 422, 507]
        } else if answer.schema != nil {
            further += [406]
        }
        operation.append(
            "responses",
            responses(
                answer, OpenAPIProblem.anywhere + further,
                headers: (answer.schema == nil ? [] : [("Vary", "Vary")])
                    + (Self.withCookies.contains(id) ? [("Set-Cookie", "SetCookie")] : [])))
        return .object(operation)
    }

    private func responses(_ answer: Answer, _ problems: [Int], headers: [(String, String)]) -> JSONValue {
        var success: JSONObject = ["description": .string(answer.description), "headers": OpenAPIComponents.headers(headers)]
        if let schema = answer.schema { success.append("content", ["application/json": ["schema": schema]]) }
        return .object(
            JSONObject([.init(name: String(answer.status), value: .object(success))] + OpenAPIProblem.references(problems)))
    }

    // MARK: Parts

    static func object(_ properties: KeyValuePairs<String, JSONValue>) -> JSONValue {
        object(properties.map { ($0.key, $0.value) })
    }

    private static func object(_ properties: [(key: String, value: JSONValue)]) -> JSONValue {
        [
            "type": "object", "required": .array(properties.map { .string($0.key) }),
            "properties": .object(JSONObject(properties.map { .init(name: $0.key, value: $0.value) })),
        ]
    }

    static func data(_ schema: JSONValue) -> JSONValue { object(["data": schema]) }
    static func list(_ schema: JSONValue) -> JSONValue { object(["data": ["type": "array", "items": schema]]) }
    static func page(_ schema: JSONValue) -> JSONValue {
        object(["data": ["type": "array", "items": schema], "meta": .reference("schemas", "Page.Meta")])
    }

    private static let status: JSONValue = object(["status": ["type": "string"]])
    static let email: JSONValue = ["type": "string", "minLength": 1, "maxLength": 320]
    static let password: JSONValue = [
        "type": "string", "minLength": .number(String(PasswordPolicy.minimumLength)),
        "maxLength": .number(String(PasswordHasher.maximumBytes)),
        "description": "Not one of those that are tried first.",
    ]
    private static let secret: JSONValue = ["type": "string", "minLength": 1, "maxLength": .number(String(PasswordHasher.maximumBytes))]
    private static let code: JSONValue = ["type": "string", "minLength": 1, "maxLength": 64]
    private static let mode: JSONValue = [
        "type": "string", "enum": .array(SessionMode.allCases.map { .string($0.rawValue) }), "default": .string(SessionMode.token.rawValue),
        "description": "Where the tokens are kept: by the client, or in cookies of the browser, where no script reads them.",
    ]
    private static let token: JSONValue = ["type": "string", "minLength": 1, "maxLength": 256]
    static let time: JSONValue = ["type": "string", "format": "date-time"]
    static let optionalTime: JSONValue = ["type": ["string", "null"], "format": "date-time"]
    static let optionalText: JSONValue = ["type": ["string", "null"]]
    private static func id(_ thing: String) -> JSONValue {
        [
            "name": "id", "in": "path", "required": true, "description": .string("The \(thing)'s id."),
            "schema": ["type": "string", "format": "uuid"],
        ]
    }
    private static let name: JSONValue = ["type": "string", "minLength": 1, "maxLength": .number(String(KeyRecord.maximumName))]
    private static let scopes: JSONValue = [
        "type": "array", "minItems": 1, "maxItems": .number(String(KeyRecord.maximumScopes)),
        "items": ["type": "string", "pattern": "^(\\*|[^:]+:(read|write|purge|history))$"],
        "description":
            "What the key is for: * for all, or Entity:read, Entity:write, Entity:purge, Entity:history, with * for every entity.",
    ]
    private static let key: [(key: String, value: JSONValue)] = [
        ("id", ["type": "string", "format": "uuid"]), ("prefix", ["type": "string", "description": "What stands in the key behind sw_."]),
        ("name", ["type": "string"]), ("scopes", ["type": "array", "items": ["type": "string"]]), ("createdAt", time),
        ("expiresAt", optionalTime), ("lastUsedAt", optionalTime),
    ]
    static let paging: [JSONValue] = [
        [
            "name": "limit", "in": "query", "description": "At most so many.",
            "schema": [
                "type": "integer", "minimum": 1, "maximum": .number(String(IdentityPage.largest)),
                "default": .number(String(IdentityPage.standard)),
            ],
        ],
        [
            "name": "cursor", "in": "query", "description": "nextCursor of the page before.",
            "schema": ["type": "string", "pattern": "^[A-Za-z0-9_-]+$"],
        ],
    ]
}
