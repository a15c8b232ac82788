package import SeaworthyData
package import SeaworthySchema

/// The OpenAPI 3.1 document of everything that this server answers (https://spec.openapis.org/oas/v3.1.1).
package struct OpenAPIDocument: Sendable {
    private let store: RecordStore

    package init(_ store: RecordStore) {
        self.store = store
    }

    package var json: JSONValue {
        let entities = self.entities
        let components = OpenAPIComponents(api: store.schema.api)
        var paths = JSONObject(OpenAPIService.paths)
        var schemas = components.schemas
        schemas.append("Health.Status", OpenAPIService.schema)
        var parameters = components.parameters
        var examples = JSONObject()
        let identity = OpenAPIIdentity(model: store.schema.identity)
        let users = OpenAPIUsers(identity: identity)
        paths.members += identity.paths + users.paths + OpenAPILocks(identity: identity).paths
        schemas.members += identity.schemas + users.schemas + OpenAPILocks.schemas
        let batch = OpenAPIBatch(entities)
        paths.members.append(batch.path)
        schemas.members += batch.schemas
        let spoken = entities.first { !$0.entity.isReadOnly && $0.isReadableByAll && $0.records.isOffered(.create) }
        var responses = OpenAPIProblem(entity: spoken?.entity).responses
        responses.append("Minimal", Self.minimal)
        responses.members += OpenAPIEntity.rowAnswers
        responses.append("Deleted", ["description": "It is deleted.", "headers": OpenAPIComponents.headers([])])
        for entity in entities {
            paths.members += entity.paths
            schemas.members += entity.schemas
            parameters.members += entity.parameters
            responses.members += entity.answers
            examples.members += entity.examples
        }
        return [
            "openapi": "3.1.0",
            "info": ["title": .string(store.schema.name), "version": "1", "description": .string(description)],
            "servers": [["url": "/"]],
            "tags": .array(
                [OpenAPIService.tag, OpenAPIIdentity.tag, OpenAPIUsers.tag] + entities.map(tag) + [OpenAPIBatch.tag, OpenAPILocks.tag]),
            "security": .array([[:]] + OpenAPIIdentity.security),
            "paths": .object(paths),
            "components": [
                "schemas": .object(schemas), "responses": .object(responses), "parameters": .object(parameters),
                "examples": .object(examples), "headers": .object(OpenAPIComponents.headers),
                "securitySchemes": OpenAPIIdentity.securitySchemes,
                "requestBodies": ["Import": OpenAPIEntity.importBody],
            ],
        ]
    }

    /// Those that are for somebody.
    private var entities: [OpenAPIEntity] {
        let samples = OpenAPISamples(store.schema.entities)
        return store.collections.indices.map { position in
            OpenAPIEntity(position, of: store.collections, api: store.schema.api, sample: samples.records[position])
        }.filter(\.isShown)
    }

    private func tag(_ entity: OpenAPIEntity) -> JSONValue {
        ["name": .string(entity.name), "description": .string(entity.entity.description ?? "Records of \(entity.name).")]
    }

    private var description: String {
        """
        The data of \(store.schema.name), served by Seaworthy. Every caller has the role `anyone`; who sends an access token as \
        `Authorization: Bearer …` has `authenticated` and the roles of the account as well; who sends an API key there has of that what \
        the key's scopes allow. Browsers may keep the tokens in cookies instead: docs/security.md of the server. What takes another role is refused.

        `HEAD` is answered like `GET`, without the body. `OPTIONS` is answered with 204 and the path's methods in `Allow`, any other \
        method with 405 (the response MethodNotAllowed); an `Expect` other than `100-continue` with 417 and a transfer coding other than \
        `chunked` with 501. Every answer has `X-Content-Type-Options`, `X-Frame-Options`, `Referrer-Policy`, \
        `Content-Security-Policy`, `Cross-Origin-Opener-Policy`, `Cross-Origin-Resource-Policy` and `Permissions-Policy`, over HTTPS \
        `Strict-Transport-Security`, and to pages of other origins that are allowed the fields of CORS. What is counted against a limit is told so: \
        `RateLimit-Policy`, `RateLimit`, `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset`. Text from 1,400 bytes on is compressed with gzip when `Accept-Encoding` takes it, and its `ETag` then \
        ends in `-gzip`; conditions take both. Problems are `application/problem+json` whatever is accepted.
        """
    }

    private static let minimal: JSONValue = [
        "description": "It is done; return=minimal was preferred.",
        "headers": OpenAPIComponents.headers([("ETag", "ETag"), ("Vary", "Vary"), ("Preference-Applied", "PreferenceApplied")]),
    ]
}
