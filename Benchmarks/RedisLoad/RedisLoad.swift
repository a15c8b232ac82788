import Logging
import NIOCore
import SeaworthyRedis

/// The client for Redis alone under load: so many tasks on one connection that each send one command, again and again. Prints the commands a
/// second.
@main
struct RedisLoad {
    static func main() async throws {
        print(try await commandsPerSecond())
    }

    @concurrent private static func commandsPerSecond() async throws -> Double {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let tasks = Int(arguments[3]), let seconds = Int(arguments[4]), ["get", "set"].contains(arguments[2])
        else {
            throw UsageError()
        }
        let client = try RedisClient(try RedisAddress.parse(arguments[1]), logger: Logger(label: "load") { _ in SwiftLogNoOpLogHandler() })
        let keeping = Task { await client.run() }
        defer { keeping.cancel() }
        await client.started()
        // As redis-benchmark does it: the same key, three bytes.
        let set = RedisCommand("SET", key: "key:__rand_int__", "VXK")
        _ = try await client.send(set)
        let command = arguments[2] == "set" ? set : RedisCommand("GET", key: "key:__rand_int__")
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    var count = 0
                    while clock.now < end {
                        for _ in 0..<16 { _ = try await client.send(command) }
                        count += 16
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(count) / ((clock.now - start) / .seconds(1))
    }
}

private struct UsageError: Error, CustomStringConvertible {
    var description: String { "usage: RedisLoad ADDRESS get|set TASKS SECONDS" }
}
