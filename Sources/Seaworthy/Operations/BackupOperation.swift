import Logging
import SeaworthyMaintenance
import SeaworthySchema
import SeaworthyStorage
import SeaworthyTelemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// `seaworthy backup …`: the backups of the database that the settings name, in the place that they name.
package struct BackupOperation: Sendable {
    package struct Report: Sendable {
        /// For people.
        package var text: String
        package var json: String

        init(_ text: String, _ json: JSONValue) {
            self.text = text
            self.json = json.indentedText
        }
    }

    package init() {}

    /// Makes a backup now.
    package func create() async throws -> Report {
        try await with { backups in
            let manifest = try await backups.create()
            let text = "\(manifest.id): \(Self.summary(manifest)), in \(Self.seconds(manifest.duration))"
            return Report(text, BackupText.json(manifest, verified: nil, problem: nil))
        }
    }

    /// Every backup in the place, the newest first.
    package func list() async throws -> Report {
        try await with { backups in
            let list = try await backups.list()
            let lines = list.map(BackupText.line)
            return Report(
                lines.isEmpty ? "no backups" : lines.joined(separator: "\n"),
                ["backups": .array(list.map { BackupText.json($0.manifest, id: $0.id, verified: $0.verified, problem: $0.problem) })])
        }
    }

    /// Restores a backup beside the database and compares every table.
    package func verify(_ id: String?) async throws -> Report {
        try await with { backups in
            let result = try await backups.verify(id)
            let manifest = result.manifest
            let text =
                "\(manifest.id): restored and compared, \(manifest.contents.tables.count) tables and \(manifest.contents.rows) rows are as they were, in \(Self.seconds(result.milliseconds))"
            return Report(
                text,
                [
                    "id": .string(manifest.id), "verified": true, "tables": .number(String(manifest.contents.tables.count)),
                    "rows": .number(String(manifest.contents.rows)), "milliseconds": .number(String(result.milliseconds)),
                ])
        }
    }

    /// Brings a backup into the database's place.
    package func restore(_ id: String?, replaces: Bool, compares: Bool, keepsOwners: Bool) async throws -> Report {
        try await with { backups in
            var options = RestoreOptions()
            options.replaces = replaces
            options.keepsOwners = keepsOwners
            let result = try await backups.restore(id, options: options, compares: compares)
            let rows = result.manifest.contents.rows
            var text = "\(result.manifest.id): restored \(result.manifest.contents.tables.count) tables and \(rows) rows"
            text += result.isCompared ? ", compared every table" : ", compared nothing"
            text += ", in \(Self.seconds(result.milliseconds))"
            if result.isCompared { text += " (\(Self.seconds(result.compareMilliseconds)) of it for the comparison)" }
            if let kept = result.kept { text += "\nwhat was there is kept as \(kept)" }
            return Report(
                text,
                [
                    "id": .string(result.manifest.id), "rows": .number(String(rows)), "compared": .bool(result.isCompared),
                    "kept": result.kept.map(JSONValue.string) ?? .null, "milliseconds": .number(String(result.milliseconds)),
                    "compareMilliseconds": .number(String(result.compareMilliseconds)),
                ])
        }
    }

    /// Removes the backups that are not to be kept.
    package func prune(isRehearsal: Bool) async throws -> Report {
        try await with { backups in
            let removed = try await backups.prune(isRehearsal: isRehearsal)
            let head = isRehearsal ? "\(removed.count) backup(s) would be removed" : "\(removed.count) backup(s) removed"
            return Report(
                ([head] + removed.map { "  \($0)" }).joined(separator: "\n"),
                ["removed": .array(removed.map(JSONValue.string)), "rehearsal": .bool(isRehearsal)])
        }
    }

    private func with(_ body: (Backups) async throws -> Report) async throws -> Report {
        let settings = try Operations.settings(logDescriptor: STDERR_FILENO, makesKeys: false)
        var log = settings.log
        // What the command itself says is not said twice.
        log.level = max(log.level, .warning)
        let logs = Logs(log, descriptor: STDERR_FILENO)
        defer { logs.writer.shutdown() }
        let backups = try ConfiguredBackups.make(settings, logger: logs.logger("seaworthy"))
        do {
            let report = try await body(backups)
            await backups.close()
            return report
        } catch {
            await backups.close()
            switch error {
            case let error as BackupError: throw OperationFailure(error.description)
            case let error as StorageError: throw OperationFailure("the database refused: \(error.message)")
            default: throw error
            }
        }
    }

    private static func summary(_ manifest: BackupManifest) -> String {
        "\(manifest.contents.tables.count) tables, \(manifest.contents.rows) rows, \(BackupText.size(manifest.storedBytes))"
            + (manifest.isEncrypted ? ", encrypted" : ", not encrypted")
    }

    private static func seconds(_ milliseconds: Int) -> String {
        "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    }
}
