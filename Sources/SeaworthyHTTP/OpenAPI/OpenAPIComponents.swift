import SeaworthyData
import SeaworthyQuery
import SeaworthySchema

/// The parameters, headers and schemas that all operations share.
struct OpenAPIComponents {
    let api: Schema.API

    // MARK: Schemas

    /// Each name has a dot, which no entity's has.
    var schemas: JSONObject { JSONObject(shared.members + OpenAPIEntity.rowSchemas.members + queryMembers) }

    /// The parameters of a list as members of a body, where null counts as not sent.
    private var queryMembers: [JSONObject.Member] {
        ["filter", "search", "limit", "cursor", "page", "count", "deleted", "dateFrom", "dateTo"].compactMap { name in
            guard case .object(let parameter)? = parameters[name] else { return nil }
            let schema = parameter["schema"] ?? ["type": "object"]
            return .init(name: "Query.\(name)", value: ["anyOf": [schema, ["type": "null"]]])
        }
    }

    private var shared: JSONObject {
        [
            "Problem.Details": OpenAPIProblem.schema,
            "Page.Meta": [
                "type": "object", "required": ["limit", "hasMore", "nextCursor"],
                "properties": [
                    "limit": ["type": "integer"], "hasMore": ["type": "boolean"],
                    "nextCursor": ["type": ["string", "null"], "description": "Null on the last page, and where only page leads on."],
                    "page": ["type": "integer", "description": "With page."],
                    "total": ["type": "integer", "description": "With page or count."],
                    "totalPages": ["type": "integer", "description": "With page."], "truncated": Self.truncated,
                ],
            ],
            "Record.Meta": ["type": "object", "required": ["truncated"], "properties": ["truncated": Self.truncated]],
            "History.Change": [
                "type": "object", "required": ["action", "actor", "time", "requestId", "changes"],
                "properties": [
                    "action": ["type": "string", "enum": ["create", "update", "delete", "restore", "purge"]],
                    "actor": ["type": ["string", "null"], "description": "Who made the change; null for nobody who has signed in."],
                    "time": ["type": "string", "format": "date-time"], "requestId": ["type": ["string", "null"]],
                    "changes": [
                        "type": "object", "description": "By field, the value before and after.",
                        "additionalProperties": ["type": "object", "properties": ["before": [:], "after": [:]]],
                    ],
                ],
            ],
            "History.Page": [
                "type": "object", "required": ["data", "meta"],
                "properties": [
                    "data": ["type": "array", "items": .reference("schemas", "History.Change")], "meta": .reference("schemas", "Page.Meta"),
                ],
            ],
            "Increment.Integer": Self.increment([
                "type": "integer", "minimum": .number(String(-FieldType.largestInteger)),
                "maximum": .number(String(FieldType.largestInteger)),
            ]),
            "Increment.Number": Self.increment(["type": "number"]),
            "Increment.Text": Self.increment([
                "anyOf": [["type": "string", "pattern": "^-?[0-9]{1,18}(\\.[0-9]{1,18})?$"], ["type": "number"]]
            ]),
        ]
    }

    private static let truncated: JSONValue = [
        "type": "array", "items": ["type": "string"], "description": "The included lists that are cut short.",
    ]

    private static func increment(_ step: JSONValue) -> JSONValue {
        [
            "type": "object", "required": ["$increment"], "additionalProperties": false, "properties": ["$increment": step],
            "description": "Adds to the stored number, which may not be null.",
        ]
    }

    /// Words with spaces between them: Unicode's White_Space, which `\s` is not, and not the same in any two languages.
    private static func words(atMost count: Int) -> String {
        let spaces = #"\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"#
        let word = #"[^\u0000\#(spaces)]+"#
        return "^[\(spaces)]*(\(word)([\(spaces)]+\(word)){0,\(count - 1)}[\(spaces)]*)?$"
    }

    // MARK: Parameters

    var parameters: JSONObject {
        let tags: JSONValue = ["type": "string", "pattern": .string(Self.tagList)]
        return [
            "filter": [
                "name": "filter", "in": "query",
                "description": .string(
                    "A filter in JSON: {\"Field\":value}, {\"Field\":{operator:value}}, AND, OR, NOT, relations by dots. Also as "
                        + "filter[Field]=value and filter[Field][operator]=value; all of them hold together. Operators: equals not in notIn "
                        + "gt gte lt lte contains startsWith endsWith isNull has, and some every none for relations to many."),
                "content": ["application/json": ["schema": ["type": "object"]]],
            ],
            "search": query(
                "search", "Words that all stand in some searched field, without regard to case; at most 16.",
                ["type": "string", "pattern": .string(Self.words(atMost: ListRequestParser.maximumSearchTerms))]),
            "limit": query(
                "limit", "Records on the page.",
                ["type": "integer", "minimum": 1, "maximum": .number(String(api.maxPageSize)), "default": .number(String(api.pageSize))]),
            "cursor": query(
                "cursor", "nextCursor of the page before, with the same filter, search and sort. Not beside page.",
                ["type": "string", "pattern": "^[A-Za-z0-9_-]+$"]),
            "page": query(
                "page", "The number of the page, instead of a cursor; meta then has page, total and totalPages.",
                ["type": "integer", "minimum": 1, "maximum": .number(String(ListRequestParser.maximumPage))]),
            "count": query(
                "count", "Whether to count all records: exact with page, otherwise none.",
                ["type": "string", "enum": .array(ListRequest.Count.allCases.map { .string($0.rawValue) })]),
            "deleted": query(
                "deleted", "Whether deleted records are given; takes the right to delete.",
                ["type": "string", "enum": .array(ListRequest.Deleted.allCases.map { .string($0.rawValue) }), "default": "exclude"]),
            "dateFrom": query("dateFrom", "Records made at this time or later; a date is its beginning in UTC.", Self.moment),
            "dateTo": query("dateTo", "Records made before this time; a date is its beginning in UTC.", Self.moment),
            "purge": query(
                "purge", "Deletes for good, also a deleted record; takes the right to purge.", ["type": "boolean", "default": false]),
            "having": [
                "name": "having", "in": "query",
                "description": "A condition on the rows, in the language of filter, with groups and measures for fields.",
                "content": ["application/json": ["schema": ["type": "object"]]],
            ],
            "aggregateSort": query(
                "sort", "Groups and measures, separated by commas; a minus descends.",
                [
                    "type": "string",
                    "pattern": "^-?[A-Za-z_][A-Za-z0-9_.]*(\\([A-Za-z0-9_.]+\\))?(,-?[A-Za-z_][A-Za-z0-9_.]*(\\([A-Za-z0-9_.]+\\))?){0,7}$",
                ]),
            "csv": query(
                "csv", "Only for an answer in text/csv: a byte order mark, an apostrophe before what spreadsheets would calculate.",
                ["type": "string", "pattern": "^(bom|guard)(,(bom|guard))*$"]),
            "onError": query(
                "onError", "Whether bad rows undo all or are passed over.",
                ["type": "string", "enum": ["fail", "skip"], "default": "fail"]),
            "IfMatch": header("If-Match", "Only if the record has one of these entity tags; else 412.", tags),
            "IfNoneMatch": header("If-None-Match", "Only if the record has none of these entity tags; else 412.", tags),
            "IfNoneMatchRead": header("If-None-Match", "The entity tags that the client has; 304 for one of them.", tags),
            "IdempotencyKey": header(
                "Idempotency-Key",
                "Names the request, so that it is carried out once, however often it is sent within a day: a retry has the same answer. Each request has a key of its own, such as a UUID.",
                ["type": "string", "pattern": .string(Self.idempotencyKey), "examples": ["8e03978e-40d5-43dd-bc93-6894a57f9324"]]),
            "Prefer": header(
                "Prefer", "return=minimal leaves the record out of the answer (RFC 7240). Other preferences are passed over.",
                ["type": "string", "examples": ["return=minimal"]]),
        ]
    }

    /// RFC 9110, 8.8.3 and 13.1.
    private static let tagList =
        "^(\\*|(W/)?\"[\\x21\\x23-\\x7E]*\"([ \\t]*,[ \\t]*(W/)?\"[\\x21\\x23-\\x7E]*\")*)$"

    /// A key by itself, or as a string of RFC 8941, 3.3.3.
    private static let idempotencyKey =
        #"^([\x21\x23-\x7E][\x21-\x7E]{0,\#(HTTPExchange.maximumIdempotencyKey - 1)}|"([\x21\x23-\x5B\x5D-\x7E]|\\["\\]){1,\#(HTTPExchange.maximumIdempotencyKey)}")$"#

    private static let moment: JSONValue = [
        "anyOf": [
            ["type": "string", "format": "date"],
            ["type": "string", "format": "date-time", "pattern": .string(OpenAPIField.timestamp)],
        ]
    ]

    private func query(_ name: String, _ description: String, _ schema: JSONValue) -> JSONValue {
        ["name": .string(name), "in": "query", "description": .string(description), "schema": schema]
    }

    private func header(_ name: String, _ description: String, _ schema: JSONValue) -> JSONValue {
        ["name": .string(name), "in": "header", "description": .string(description), "schema": schema]
    }

    // MARK: Headers

    static let headers: JSONObject = [
        "RequestId": [
            "description":
                "Names the request in problems and in the log: the client's own, of 1 to 128 of A-Z a-z 0-9 . _ -, else a new one.",
            "required": true, "schema": ["type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"],
        ],
        "ETag": [
            "description": "The entity tag of the record as the caller sees it; not with select, include or nested records.",
            "schema": ["type": "string"],
        ],
        "Location": ["description": "The record's path.", "schema": ["type": "string", "format": "uri-reference"]],
        "Link": ["description": "The next page, rel=\"next\" (RFC 8288), where there is one.", "schema": ["type": "string"]],
        "Vary": ["description": "The request's fields that decided on the form of the answer.", "schema": ["type": "string"]],
        "PreferenceApplied": [
            "description": "The preference that was followed.", "schema": ["type": "string", "enum": ["return=minimal"]],
        ],
        "IdempotencyReplayed": [
            "description": "The answer is one that was given before, to the request that the Idempotency-Key first came with.",
            "schema": ["type": "string", "enum": ["true"]],
        ],
        "CacheControl": ["description": "Whether the answer may be kept: never for who is known.", "schema": ["type": "string"]],
        "SetCookie": ["description": "Cookies of a browser's session, set or taken away.", "schema": ["type": "string"]],
        "Allow": ["description": "The methods that the path takes.", "schema": ["type": "string"]],
        "RetryAfter": ["description": "In seconds.", "schema": ["type": "integer", "minimum": 1]],
        "WWWAuthenticate": ["description": "How to sign in.", "schema": ["type": "string"]],
        "AcceptEncoding": ["description": "The codings that a body may have.", "schema": ["type": "string"]],
    ]

    /// The `headers` of an answer. Every answer names its request, and any may be for nobody else.
    static func headers(_ names: [(name: String, component: String)]) -> JSONValue {
        .object(
            JSONObject(
                ([("X-Request-Id", "RequestId"), ("Cache-Control", "CacheControl")] + names).map {
                    .init(name: $0.0, value: .reference("headers", $0.1))
                }))
    }
}
