#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the system tells of this process. Nil is what it does not tell: without `/proc` (macOS) only the time of processors and the
/// bound of descriptors.
package struct ProcessReading: Sendable, Equatable {
    /// In the process and in the system on its behalf, in seconds since it began.
    package var processorSeconds: Double?
    package var residentBytes: Int?
    /// Seconds since 1970.
    package var startTime: Double?
    package var openDescriptors: Int?
    /// Nil without a bound, too.
    package var maximumDescriptors: Int?

    /// Processors that this process may use at the same time.
    package static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// Reads files of the system: not for an event loop.
    package static func now() -> ProcessReading {
        var reading = ProcessReading()
        var usage = rusage()
        if getrusage(selfUsage, &usage) == 0 {
            reading.processorSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        }
        var limit = rlimit()
        if getrlimit(descriptorLimit, &limit) == 0, let bound = Int(exactly: limit.rlim_cur), bound != Int.max {
            reading.maximumDescriptors = bound
        }
        if let stat = file("/proc/self/stat").flatMap(ProcessStat.init) {
            reading.residentBytes = stat.residentPages * Int(getpagesize())
            if let boot = file("/proc/stat").flatMap(ProcessStat.bootTime), case let ticks = sysconf(Int32(_SC_CLK_TCK)), ticks > 0 {
                reading.startTime = boot + Double(stat.startTicks) / Double(ticks)
            }
        }
        reading.openDescriptors = openDescriptors()
        return reading
    }

    /// By their names at Prometheus'; what is not known is left out.
    var metrics: [String: Double] {
        var metrics: [String: Double] = [:]
        metrics["process_cpu_seconds_total"] = processorSeconds
        metrics["process_resident_memory_bytes"] = residentBytes.map(Double.init)
        metrics["process_start_time_seconds"] = startTime
        metrics["process_open_fds"] = openDescriptors.map(Double.init)
        metrics["process_max_fds"] = maximumDescriptors.map(Double.init)
        return metrics
    }

    #if canImport(Glibc)
    private static let selfUsage = __rusage_who_t(RUSAGE_SELF.rawValue)
    private static let descriptorLimit = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
    private static let selfUsage = RUSAGE_SELF
    private static let descriptorLimit = RLIMIT_NOFILE
    #endif

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }

    /// Nil where there is no such file.
    private static func file(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        // /proc/stat grows with interrupts and processors; what is looked for stands within this.
        while text.count < 1 << 20 {
            let count = read(descriptor, &piece, piece.count)
            guard count > 0 else { break }
            text += piece[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func openDescriptors() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        // The one that looks is not counted.
        return count - 1
    }
}
