import NIOHTTP1
package import SeaworthyData

/// Finds out who makes a request.
package enum RequestIdentification {
    /// - Parameter now: the time of a request, in microseconds since the epoch.
    package static func by(_ identities: Identities, now: @escaping @Sendable () -> Int64) -> RequestPipeline.Identification {
        { exchange in
            guard let token = try exchange.bearerToken() else { return }
            switch try await identities.identify(String(token), now: now()) {
            case .session(let authentication): exchange.authentication = authentication
            case .key(let key): exchange.apiKey = key
            }
        }
    }
}
