import Synchronization

/// Has something done once for all who want it at the same time.
package final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let flights = Mutex<[Key: [CheckedContinuation<Result<Value, any Error>?, Never>]]>([:])

    package init() {}

    /// Does it, or waits for who is doing it already. Where that one is cancelled, because its client has gone, another of those that wait does
    /// it; any other error is everybody's.
    package func run(_ key: Key, _ body: () async throws -> Value) async throws -> Value {
        while true {
            let isFirst = flights.withLock { flights in
                guard flights[key] == nil else { return false }
                flights[key] = []
                return true
            }
            if isFirst { return try await lead(key, body) }
            let result: Result<Value, any Error>? = await withCheckedContinuation { continuation in
                let isLate = flights.withLock { flights in
                    guard flights[key] != nil else { return true }
                    flights[key]?.append(continuation)
                    return false
                }
                // It was done in between.
                if isLate { continuation.resume(returning: nil) }
            }
            switch result {
            case .success(let value): return value
            case .failure(let error) where !(error is CancellationError): throw error
            default: try Task.checkCancellation()
            }
        }
    }

    private func lead(_ key: Key, _ body: () async throws -> Value) async throws -> Value {
        let result: Result<Value, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        for continuation in flights.withLock({ $0.removeValue(forKey: key) ?? [] }) { continuation.resume(returning: result) }
        return try result.get()
    }
}
