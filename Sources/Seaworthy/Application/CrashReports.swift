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

    let folder: String

    struct Crash {
        var file: String
        var fault: SentryFault
    }

    /// Reads what has not been told yet, the oldest first, marks it as told, and removes what is too old.
    func collect() -> [Crash] {
        let files = files().sorted { ($0.modified, $0.name) < ($1.modified, $1.name) }
        for file in files.dropLast(Self.maximumFiles) { try? FileManager.default.removeItem(atPath: path(file.name)) }
        return files.suffix(Self.maximumFiles).compactMap { file in
            guard file.name.hasSuffix(Self.ending) else { return nil }
            let bytes = file.size <= Self.maximumBytes ? try? Data(contentsOf: URL(filePath: path(file.name))) : nil
            // Marked before it is told: what cannot be marked would be told at each start.
            guard (try? FileManager.default.moveItem(atPath: path(file.name), toPath: path("\(file.name).reported"))) != nil else {
                return nil
            }
            var fault = CrashReport.fault(bytes.map(Array.init) ?? [], file: file.name)
            fault.milliseconds = Int64(file.modified * 1000)
            return Crash(file: file.name, fault: fault)
        }
    }

    /// As the backtracer names them, by the program and its process. The folder may have other files too: the variable may name any.
    private static func isOurs(_ name: String) -> Bool {
        name.wholeMatch(of: /seaworthy-[0-9]+-[0-9.]+\.json(\.reported)?/) != nil
    }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    private func files() -> [(name: String, modified: Double, size: Int)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter(Self.isOurs).compactMap { name in
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path(name)),
                attributes[.type] as? FileAttributeType == .typeRegular,
                let modified = attributes[.modificationDate] as? Date, let size = attributes[.size] as? Int
            else { return nil }
            return (name, modified.timeIntervalSince1970, size)
        }
    }
}
