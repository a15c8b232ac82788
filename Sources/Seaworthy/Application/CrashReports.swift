import FoundationEssentials
import SeaworthyTelemetry

/// The folder in which crashes leave their reports for the next start.
///
/// A report that was told keeps its file, with `.reported` behind its name, so that it is told once and can be looked at.
struct CrashReports {
    /// Files that stay, the newest.
    static let maximumFiles = 10
    /// Larger ones are not read: a stack of 64 calls takes some 20 KiB.
    static let maximumBytes = 4 << 20
    private static let ending = ".json"
    private static let reportedEnding = ".json.reported"

    let folder: String

    struct Crash {
        var file: String
        var fault: SentryFault
    }

    /// Reads what has not been told yet, the oldest first, marks it as told, and removes what is too old.
    func collect() -> [Crash] {
        let files = files().filter(isOurs).sorted { ($0.modified, $0.name) < ($1.modified, $1.name) }
        for file in files.dropLast(Self.maximumFiles) { try? FileManager.default.removeItem(atPath: path(file.name)) }
        return files.suffix(Self.maximumFiles).compactMap { file in
            guard file.name.hasSuffix(Self.ending) else { return nil }
            let bytes = bytes(of: file)
            // Marked before it is told: what cannot be marked would be told at each start.
            guard (try? FileManager.default.moveItem(atPath: path(file.name), toPath: path("\(file.name).reported"))) != nil else {
                return nil
            }
            var fault = CrashReport.fault(bytes ?? [], file: file.name)
            fault.milliseconds = Int64(file.modified * 1000)
            return Crash(file: file.name, fault: fault)
        }
    }

    /// The folder may have other files too: the variable may name any.
    private func isOurs(_ file: File) -> Bool {
        // As the backtracer names them: a report that was cut off is told as well.
        if file.name.hasSuffix(Self.reportedEnding) || file.name.wholeMatch(of: /seaworthy-[0-9]+-[0-9.]+\.json/) != nil { return true }
        return bytes(of: file).map(CrashReport.isReport) ?? false
    }

    /// Nil for what is too large, or cannot be read.
    private func bytes(of file: File) -> [UInt8]? {
        guard file.size <= Self.maximumBytes else { return nil }
        return (try? Data(contentsOf: URL(filePath: path(file.name)))).map(Array.init)
    }

    private typealias File = (name: String, modified: Double, size: Int)

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    private func files() -> [File] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(Self.ending) || $0.hasSuffix(Self.reportedEnding) }.compactMap { name in
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path(name)),
                attributes[.type] as? FileAttributeType == .typeRegular,
                let modified = attributes[.modificationDate] as? Date, let size = attributes[.size] as? Int
            else { return nil }
            return (name, modified.timeIntervalSince1970, size)
        }
    }
}
