import NIOPosix
import SeaworthyHTTP
import SeaworthyTelemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the server lives from, for operators: the disk of its database, memory, and processors. None of it decides readiness.
enum ResourceProbes {
    /// Less on the disk of the database is a warning, in bytes: 1 GiB.
    static let minimumDiskBytes = 1 << 30

    /// - Parameters:
    ///   - databasePath: the file of SQLite; nil where the database is elsewhere.
    static func all(databasePath: String?) -> [HealthProbe] {
        let processors = ProcessorShare(ProcessReading.now().processorSeconds ?? 0)
        return (databasePath.map { [disk(of: $0)] } ?? []) + [memory, processor(processors)]
    }

    /// - Parameter minimum: less is a warning.
    static func disk(of path: String, minimum: Int = minimumDiskBytes) -> HealthProbe {
        .observing("disk:available") {
            // A disk that hangs must not hold an event loop.
            let available = try await NIOThreadPool.singleton.runIfActive { try availableBytes(path) }
            let isLow = available < minimum
            return [
                HealthObservation(
                    "disk:available", isLow ? .warn : .pass, value: .integer(available), unit: "bytes",
                    output: isLow ? "less than \(minimum) bytes are left for the database" : nil)
            ]
        }
    }

    private struct Unknown: Error {}

    /// What others than the superuser may still use of the file system of a file's folder.
    private static func availableBytes(_ path: String) throws -> Int {
        let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? "."
        var statistics = statvfs()
        guard statvfs(folder, &statistics) == 0 else { throw Unknown() }
        let bytes = UInt64(statistics.f_bavail).multipliedReportingOverflow(by: UInt64(statistics.f_frsize))
        return bytes.overflow ? .max : Int(clamping: bytes.partialValue)
    }

    private static let memory = HealthProbe.observing("memory:rss") {
        let reading = try await NIOThreadPool.singleton.runIfActive { ProcessReading.now() }
        guard let bytes = reading.residentBytes else { return [] }
        return [HealthObservation("memory:rss", value: .integer(bytes), unit: "bytes")]
    }

    private static func processor(_ share: ProcessorShare) -> HealthProbe {
        .observing("cpu:utilization") {
            let reading = try await NIOThreadPool.singleton.runIfActive { ProcessReading.now() }
            guard let seconds = reading.processorSeconds else { return [] }
            return [HealthObservation("cpu:utilization", value: .number(share.percent(seconds)), unit: "percent")]
        }
    }
}
