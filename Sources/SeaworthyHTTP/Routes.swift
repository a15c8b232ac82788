import HTTPTypes
import HummingbirdCore
import NIOCore
package import SeaworthyData
import SeaworthySchema
package import SeaworthyStorage

/// The whole HTTP surface.
///
/// | path | methods | access |
/// | --- | --- | --- |
/// | `/health` `/livez` `/health/ready` `/readyz` | GET | everyone |
/// | `/metrics` `/health/deps` | GET | operators (``HiddenRoutes``): on `ADMIN_PORT`, or with `OPERATOR_TOKEN`; else 404 |
/// | `/openapi.json` | GET | everyone |
/// | `/docs` `/docs/docs.css` `/docs/docs.js` | GET | everyone |
/// | `/account/verify` `…/reset` `…/account.css` `…/account.js` | GET | everyone |
/// | `/.well-known/jwks.json` | GET | everyone |
/// | `/v1/auth/register` `…/login` `…/refresh` `…/email/verify` `…/password/forgot` `…/password/reset` | POST | everyone |
/// | `/v1/auth/csrf` | GET | browsers that have signed in with cookies |
/// | `/v1/auth/me` | GET | who has signed in, or comes with an API key |
/// | `/v1/auth/sessions` `…/login-history` | GET | who has signed in |
/// | `/v1/auth/api-keys` | GET POST | who has signed in |
/// | `/v1/auth/logout` `…/logout-all` `…/password/change` `…/totp/{enroll,confirm,disable}` | POST | who has signed in |
/// | `/v1/auth/oidc/{provider}` `…/callback` | GET | everyone, where the schema has providers |
/// | `/v1/auth/oidc/{provider}/token` | POST | everyone, where the schema has providers |
/// | `/v1/auth/sessions/{id}` `…/api-keys/{id}` | DELETE | who has signed in |
/// | `/v1/users` | GET POST | the role `admin` |
/// | `/v1/users/security-events` | GET | the role `admin` |
/// | `/v1/users/{id}` | GET PATCH DELETE | the role `admin` |
/// | `/v1/users/{id}/sessions` `…/login-history` | GET | the role `admin` |
/// | `/v1/users/{id}/sign-out` `…/totp/reset` | POST | the role `admin` |
/// | `/v1/{entity}` | GET POST | the entity's rules |
/// | `/v1/batch` | POST | the rules of each entity in it |
/// | `/v1/locks` | GET POST | who has signed in, or comes with an API key; the entity's rules |
/// | `/v1/locks/{id}` | GET PUT DELETE | whoever has the lock; GET and DELETE also the role `admin` |
/// | `/v1/{entity}/query` | POST | the entity's rules |
/// | `/v1/{entity}/aggregate` | GET | the entity's rules |
/// | `/v1/{entity}/import` | POST | the entity's rules |
/// | `/v1/{entity}/{key}` | GET PUT PATCH DELETE | the entity's rules |
/// | `/v1/{entity}/{key}/history` | GET | the entity's rules, where it has `audit` |
/// | `/v1/{entity}/{key}/restore` | POST | the entity's rules, where it has `softDelete` |
package enum Routes {
    /// - Parameters:
    ///   - people: who they are, and how browsers keep their sessions; nil for a server that knows nobody.
    ///   - locks: keeps who edits what; nil keeps it in the memory of this server.
    ///   - limiter: counts what one request does several times; nil counts nothing.
    ///   - now: the time of a request, in microseconds since the epoch.
    package static func table(
        store: RecordStore, people: (identities: Identities, browser: BrowserSessions)? = nil, health: HealthRoutes,
        locks: (any LockStore)? = nil, limiter: RequestLimiter? = nil,
        now: @escaping @Sendable () -> Int64
    ) throws -> RouteTable {
        let imports = ImportSlots()
        let once = IdempotentWrites(store.idempotency, now: now)
        let records = store.collections.flatMap { RecordRoutes($0, imports: imports, once: once, now: now).routes }
        let document = OpenAPIDocument(store).json
        // What a later version will answer here is not there yet, and no key can be either.
        let later = store.collections.flatMap { records in
            (records.entity.isReadOnly ? ["import"] : []).map { "/v1/\(records.entity.path)/\($0)" }
        }
        let identity =
            people.map { identities, browser in
                IdentityRoutes(identities, browser: browser, now: now).routes
                    + ProviderRoutes(identities, browser: browser, now: now).routes + AccountRoutes.routes
                    + LockRoutes(locks ?? MemoryLocks(now: now), store: store, now: now).routes
            } ?? []
        return try RouteTable(
            health.routes + [openAPI(document)] + DocsRoutes.routes + identity + [
                BatchRoute(store, limiter: limiter, once: once, now: now).route
            ] + records,
            absent: later)
    }

    private static func openAPI(_ document: JSONValue) -> Route {
        let body = ByteBuffer(string: document.compactText)
        return Route(.get, "/openapi.json", operation: "getOpenAPI", identification: .none) { exchange in
            if let item = try exchange.queryItems().first { throw Problem.unknownParameter(item.name) }
            let type = try exchange.negotiated([.json])
            return Response(status: .ok, headers: [.contentType: type.fieldValue, .vary: "Accept"], body: ResponseBody(byteBuffer: body))
        }
    }
}
