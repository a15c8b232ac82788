extension SchemaSection {
    /// The largest page that a schema can allow.
    package static let largestPage = 10_000
    /// The most digits of a decimal, which fit a 64-bit integer.
    package static let largestPrecision = 18

    static let documentKeys: [SchemaKey] =
        [
            .key("name", .text, required: true, "The application's name."),
            .key("api", .section(.api), absent: "its defaults", "How records are paged."),
            .key(
                "identity", .section(.identity), absent: "users have `id` and `email` only, and nobody registers",
                "Who has an account, and what is known of them."),
            .key("limits", .section(.limits), absent: "its defaults", "How often clients may ask."),
            .key("entities", .named(.entity), required: true, "The entities by their names, `[A-Za-z][A-Za-z0-9]*`."),
        ] + SchemaKey.notYet("sources")

    static let apiKeys: [SchemaKey] = [
        .key(
            "pageSize", .integer(1...largestPage), absent: "25, or `maxPageSize` when that is less",
            "Records on a page when the request names no `limit`; at most `maxPageSize`."),
        .key(
            "maxPageSize", .integer(1...largestPage), absent: "200, or `pageSize` when that is more",
            "The largest `limit` that a request may name."),
    ]

    static let limitsKeys: [SchemaKey] = [
        .key(
            "default", .rate, absent: "`\(Schema.Limits.standardRates.standard?.text ?? "none")`",
            "All that has no limit of its own: of a user, of an API key, and of an address that nobody has signed in from. `none` lifts it."
        ),
        .key(
            "auth", .rate, absent: "`\(Schema.Limits.standardAuth.text)`",
            "Signing in and registering: of an address, and of an account from addresses that it was never signed in from."),
        .key(
            "import", .rate, absent: "`\(Schema.Limits.standardRates.importing?.text ?? "none")`", "`POST …/import`."),
        .key("export", .rate, absent: "as all else", "Lists as CSV or NDJSON."),
        .key("keys", .rateOr(.rates), absent: "as the role of their owner", "API keys, each by itself."),
        .key("roles", .namedRates(.rates), absent: "as `default`", "Users with a role; of several roles the most generous counts."),
        .key("exempt", .texts, absent: "nobody", "Addresses and ranges of them whose requests are not counted: `[10.0.0.0/8, \"::1\"]`."),
    ]

    static let ratesKeys: [SchemaKey] = [
        .key("default", .rate, absent: "as others", "All that is no import and no export."),
        .key("import", .rate, absent: "as others", "`POST …/import`."),
        .key("export", .rate, absent: "as others", "Lists as CSV or NDJSON."),
    ]

    /// The types that what is known of a user can have.
    static let attributeTypes = FieldType.names.filter { !["decimal", "enum", "json", "array", "bytes"].contains($0) }

    static let identityKeys: [SchemaKey] =
        [
            .key(
                "attributes", .namedWords(attributeTypes), absent: "none",
                "What is known of a user besides `id` and `email`, by name with its type, for `$user.name` in access rules."),
            .key("register", .boolean, absent: "false", "Whether people make accounts themselves, with an address that they prove."),
            .key(
                "providers", .named(.provider), absent: "none",
                "Providers of OpenID Connect that people sign in with, by names of lower-case letters, digits and hyphens."),
        ]

    static let providerKeys: [SchemaKey] = [
        .key(
            "issuer", .text, required: true,
            "The provider's address as its discovery document writes it, such as `https://accounts.google.com`."),
        .key("clientId", .text, required: true, "What the provider calls this application. Its secret stands in `OIDC_CLIENT_SECRETS`."),
        .key("scopes", .texts, absent: "`[openid, email, profile]`", "What is asked for."),
        .key("tenants", .texts, absent: "any of the issuer's", "Ids of the tenants of Microsoft Entra that may come."),
        .key(
            "verifiedClaim", .text, absent: "`email_verified`",
            "The claim that says that an address is the person's; for Entra `xms_edov`."),
        .key(
            "register", .boolean, absent: "`identity.register`",
            "Whether people who come from there for the first time get an account."),
    ]

    static let entityKeys: [SchemaKey] =
        [
            .key("table", .text, absent: "the name as plural_snake_case", "The table's name, 1 to 63 bytes."),
            .key(
                "dbSchema", .text, absent: "the first of the search path, `public`",
                "The database's schema that the table is in, 1 to 63 bytes; only on PostgreSQL."),
            .key("path", .text, absent: "the name as plural-kebab-case", "The path below `/v1/`: lower-case letters, digits and hyphens."),
            .key(
                "key", .names, absent: "`id`, a UUIDv7 made by the server",
                "The field or fields that identify a record. Their values never change."),
            .key("fields", .named(.field), required: true, "The fields by their names, `[A-Za-z_][A-Za-z0-9_]*`."),
            .key(
                "checks", .filters, absent: "none",
                "Conditions by name that every record meets. A check fails only when it is false, not when it is unknown."),
            .key("indexes", .nameLists, absent: "none", "Indexes over several fields: `[[CustomerID, OrderDate]]`."),
            .key("unique", .nameLists, absent: "none", "Combinations of fields that may stand only once."),
            .key("access", .named(.role), absent: "nobody may do anything", "What each role may do."),
            .key("readOnly", .boolean, absent: "false", "The table is a view that exists: it is read, never made or written."),
            .key(
                "timestamps", .boolean, absent: "false",
                "The server keeps when and by whom a record was made and last changed: `createdAt`, `updatedAt`, `createdBy`, `updatedBy`."),
            .key(
                "softDelete", .boolean, absent: "false",
                "A deleted record stays, marked by `deletedAt` and `deletedBy`, until it is restored or purged."),
            .key("audit", .flagOr(.audit), absent: "false", "The server keeps every change of every record, for `…/history`."),
            .key(
                "renamedFrom", .text, absent: "it had no other",
                "The entity's earlier name, so that a migration renames its table and keeps what it holds."),
            .key("description", .text, absent: "none", "A text for the API's documents."),
            .key(
                "limits", .rateOr(.rates), absent: "as for all entities",
                "How often its records may be asked for, counted by itself, whoever asks."),
            .key(
                "cache", .durationOr(Entity.Cache.bounds, .cache), absent: "every answer is made anew",
                "How long answers to reads are kept, as long as nothing changes: `30s`."),
        ] + SchemaKey.notYet("realtime", "events")

    static let cacheKeys: [SchemaKey] = [
        .key("for", .duration(Entity.Cache.bounds), required: true, "How long an answer is kept, from `1s` to `1d`."),
        .key(
            "staleWhileRevalidate", .duration(Entity.Cache.bounds), absent: "no longer",
            "How much longer it is given out while it is made anew, from `1s` to `1d`; what has changed never is."),
    ]

    static let auditKeys: [SchemaKey] = [
        .key(
            "keep", .duration(Entity.Audit.keepBounds), absent: "for ever",
            "How long a change is kept: a whole number with its unit, from `1m` to `36500d`.")
    ]

    static let fieldKeys: [SchemaKey] =
        [
            .key(
                "type", .word(FieldType.names), absent: "with `references`: that of the target's key",
                "The type. Required without `references`."),
            .key("column", .text, absent: "the field's name", "The column's name, 1 to 63 bytes."),
            .key("required", .boolean, absent: "false", "Whether null is refused. Keys are always required."),
            .key("max", .bound, absent: "no bound", "The largest value, or the greatest length of text, bytes and arrays."),
            .key("min", .bound, absent: "no bound", "The smallest value, or the least length of text, bytes and arrays."),
            .key("pattern", .text, absent: "any text", "A regular expression that the text contains a match of; `^` and `$` anchor it."),
            .key(
                "default", .anything, absent: "null",
                "The value when a create gives none. `now` on a date or timestamp is the time of the request."),
            .key("values", .texts, absent: "", "The values of an enum: different texts of at most 200 characters."),
            .key("precision", .integer(1...largestPrecision), absent: "", "All digits of a decimal."),
            .key("scale", .integer(0...largestPrecision), absent: "", "The digits of a decimal after the point; at most `precision`."),
            .key(
                "items", .word(FieldType.names.filter { $0 != "array" && $0 != "json" }), absent: "",
                "The type of an array's elements; with `values`, `precision` and `scale` as a field has them."),
            .key("search", .integer(1...100), absent: "not searched", "The weight of this text field in `?search=`."),
            .key("index", .boolean, absent: "false", "An index over this field."),
            .key("unique", .boolean, absent: "false", "No two records have the same value."),
            .key("references", .entityOr(.reference), absent: "none", "The entity that this field points at."),
            .key("as", .text, absent: "the field's name without `ID`", "The relation's name on this entity."),
            .key("inverse", .text, absent: "none", "The relation's name on the target."),
            .key(
                "onDelete", .word(Reference.OnDelete.allCases.map(\.rawValue)), absent: "restrict",
                "What happens to this record when the target is deleted."),
            .key("readOnly", .boolean, absent: "false", "Clients may not set it."),
            .key(
                "generated", .boolean, absent: "false",
                "The server makes the value: of the only key, an integer from a sequence or a UUIDv7."),
            .key(
                "renamedFrom", .text, absent: "it had no other",
                "The field's earlier name, so that a migration renames its column and keeps what it holds."),
            .key("description", .text, absent: "none", "A text for the API's documents."),
        ]

    static let referenceKeys: [SchemaKey] = [
        .key("entity", .text, required: true, "The target."),
        .key("fields", .names, absent: "this field", "The fields of this entity that hold the target's key, in its order."),
    ]

    static let roleKeys: [SchemaKey] =
        [
            .key("read", .rule, absent: "false", "Which records the role sees."),
            .key("create", .rule, absent: "false", "Which records the role may create."),
            .key("update", .rule, absent: "false", "Which records the role may change; holds before and after."),
            .key("delete", .rule, absent: "false", "Which records the role may delete."),
            .key("restore", .rule, absent: "false", "With `softDelete`: which deleted records the role may bring back."),
            .key("purge", .rule, absent: "false", "With `softDelete`: which records the role may remove for good."),
            .key("history", .rule, absent: "false", "With `audit`: of which records the role sees every change."),
            .key("hide", .nameList, absent: "none", "Fields that the role never sees."),
            .key("readOnly", .nameList, absent: "none", "Fields that the role sees and does not set."),
        ]
}
