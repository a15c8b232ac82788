import SeaworthyPostgres
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

/// The driver for PostgreSQL alone under load: so many tasks that each read one row by its key, again and again. Prints the reads a second.
@main
struct DriverLoad {
    static func main() async throws {
        print(try await readsPerSecond())
    }

    @concurrent private static func readsPerSecond() async throws -> Double {
        let arguments = CommandLine.arguments
        guard arguments.count == 6, let connections = Int(arguments[3]), let tasks = Int(arguments[4]), let seconds = Int(arguments[5])
        else {
            throw UsageError()
        }
        var settings = PostgresSettings(arguments[1])
        settings.pool.size = connections
        let database = try await PostgresDatabase.open(settings)
        let sql = SQLText(arguments[2])
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    var count = 0
                    while clock.now < end {
                        _ = try await database.query(Statement(sql, [.integer(10_001)]), into: Consuming())
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        let elapsed = (clock.now - start) / .seconds(1)
        await database.close()
        return Double(count) / elapsed
    }
}

/// Looks at every column of every row, as whoever asked would.
private struct Consuming: RowReader {
    private var bytes = 0

    mutating func read(_ row: any Row) {
        for column in 0..<row.columnCount { bytes += row.bytes(column).count }
    }

    consuming func finish() -> Int { bytes }
}

private struct UsageError: Error, CustomStringConvertible {
    var description: String { "usage: DriverLoad CONNECTION STATEMENT CONNECTIONS TASKS SECONDS" }
}
