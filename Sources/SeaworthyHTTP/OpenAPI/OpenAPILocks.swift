import SeaworthySchema
import SeaworthyStorage

/// What the document says of `/v1/locks`.
struct OpenAPILocks {
    let identity: OpenAPIIdentity

    static let tag: JSONValue = [
        "name": "locks", "description": "Who edits which record. Locks refuse no write: entity tags do that.",
    ]

    var paths: [JSONObject.Member] {
        [
            .init(name: "/v1/locks", value: ["get": list, "post": acquire]),
            .init(
                name: "/v1/locks/{id}",
                value: [
                    "parameters": [Self.id],
                    "get": operation(
                        "getLock", "A lock, for its owner and administrators", answer: (200, "The lock.", OpenAPIIdentity.data(Self.lock)),
                        refusals: [404]),
                    "put": operation(
                        "renewLock", "Go on with a lock", optional: [("ttl", Self.ttl)],
                        description:
                            "The heartbeat of who edits, from when on the lock lasts so long. 404 where it has ended or another lock is in its place.",
                        answer: (200, "The lock.", OpenAPIIdentity.data(Self.lock)), refusals: [403, 404]),
                    "delete": operation(
                        "releaseLock", "End a lock, as its owner or an administrator", answer: (204, "It has ended.", nil),
                        refusals: [404]),
                ]),
        ]
    }

    static let schemas: [JSONObject.Member] = [
        .init(
            name: "Locks.Lock",
            value: [
                "type": "object", "required": ["entity", "key", "owner", "acquiredAt", "expiresAt", "fence"], "additionalProperties": false,
                "properties": [
                    "id": ["type": "string", "description": "For the owner of the lock and for administrators."],
                    "entity": ["type": "string"],
                    "key": ["type": "string", "description": "The record's key as it stands in its path."],
                    "owner": [
                        "type": "object", "required": ["id", "kind"], "additionalProperties": false,
                        "properties": [
                            "id": ["type": "string", "description": "Of the user or the API key."],
                            "kind": ["type": "string", "enum": .array(LockOwner.Kind.allCases.map { .string($0.rawValue) })],
                            "email": [
                                "type": "string",
                                "description":
                                    "For administrators and, where accounts are made by them alone, for whoever may change records of the entity.",
                            ],
                        ],
                    ],
                    "acquiredAt": OpenAPIIdentity.time, "expiresAt": OpenAPIIdentity.time,
                    "fence": [
                        "type": "integer", "description": "Greater than that of every lock which the record had before.",
                    ],
                ],
            ])
    ]

    // MARK: Operations

    private var list: JSONValue {
        operation(
            "getLocks", "The locks on records of an entity",
            parameters: [
                ["name": "entity", "in": "query", "required": true, "description": "The entity's name.", "schema": ["type": "string"]],
                [
                    "name": "id", "in": "query", "description": "Only that on the record with this key, as it stands in its path.",
                    "schema": ["type": "string"],
                ],
            ],
            description: "Of records that the caller may read; at most \(LockRoutes.maximumListed), those that end first.",
            answer: (200, "Locks, the one that ends first before the others.", OpenAPIIdentity.list(Self.lock)), refusals: [403, 404])
    }

    /// Whoever has the lock already is answered with another status than who gets it.
    private var acquire: JSONValue {
        var operation = operation(
            "acquireLock", "Lock a record", body: [("entity", ["type": "string"]), ("id", ["type": "string"])],
            optional: [("ttl", Self.ttl)],
            description:
                "Takes the right to read and to change the record. 409 with locked, lock and Retry-After where somebody else has it.",
            answer: (200, "The caller has it already, and goes on with it.", OpenAPIIdentity.data(Self.lock)),
            refusals: [403, 404, 409])
        let created: JSONValue = [
            "description": "The lock.", "headers": OpenAPIComponents.headers([("Location", "Location"), ("Vary", "Vary")]),
            "content": ["application/json": ["schema": OpenAPIIdentity.data(Self.lock)]],
        ]
        guard case .object(var members) = operation, let place = members.members.firstIndex(where: { $0.name == "responses" }),
            case .object(var responses) = members.members[place].value
        else { return operation }
        responses.members.insert(.init(name: "201", value: created), at: min(1, responses.members.count))
        members.members[place].value = .object(responses)
        operation = .object(members)
        return operation
    }

    private func operation(
        _ id: String, _ summary: String, parameters: [JSONValue] = [], body: [(String, JSONValue)] = [],
        optional: [(String, JSONValue)] = [], description: String? = nil, answer: OpenAPIIdentity.Answer, refusals: [Int]
    ) -> JSONValue {
        identity.operation(
            id, summary, .signedInOrKey, tag: "locks", parameters: parameters, body: body, optional: optional, description: description,
            answer: answer, refusals: refusals)
    }

    // MARK: Parts

    private static let lock: JSONValue = .reference("schemas", "Locks.Lock")
    private static let ttl: JSONValue = [
        "type": "string", "pattern": "^[0-9]+(ms|s|m|h)$", "default": .string(DurationText.render(LockRoutes.standardTTL)),
        "description": .string(
            "From \(DurationText.render(LockRoutes.ttlBounds.lowerBound)) to \(DurationText.render(LockRoutes.ttlBounds.upperBound)). A lock is only ever made longer."
        ),
    ]
    private static let id: JSONValue = [
        "name": "id", "in": "path", "required": true, "description": "The lock's id.", "schema": ["type": "string"],
    ]
}
