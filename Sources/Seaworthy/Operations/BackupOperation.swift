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
    package init() {}

    /// Makes a backup now.
    package func create() async throws -> OperationReport {
        try await with { backups in
            let manifest = try await backups.create()
            let text = "\(manifest.id): \(Self.summary(manifest)), in \(Self.seconds(manifest.duration))"
            return OperationReport(text, BackupText.json(manifest, verified: nil, problem: nil))
        }
    }

    /// Every backup in the place, the newest first.
    package func list() async throws -> OperationReport {
        try await with { backups in
            let list = try await backups.list()
            let log = try await backups.log(behind: list)
            let lines = list.map(BackupText.line)
            return OperationReport(
                ((lines.isEmpty ? ["no backups"] : lines) + (log.map(BackupText.lines) ?? [])).joined(separator: "\n"),
                [
                    "backups": .array(list.map { BackupText.json($0.manifest, id: $0.id, verified: $0.verified, problem: $0.problem) }),
                    "log": log.map(BackupText.json) ?? .null,
                ])
        }
    }

    /// Restores a backup beside the database and compares every table.
    package func verify(_ id: String?) async throws -> OperationReport {
        try await with { backups in
            let result = try await backups.verify(id)
            let manifest = result.manifest
            var text =
                "\(manifest.id): restored and compared, \(manifest.contents.tables.count) tables and \(manifest.contents.rows) rows are as they were, in \(Self.seconds(result.milliseconds))"
            if let reached = result.reached {
                text += "\nthe log behind it is whole: \(reached.pieces) piece(s), up to \(TimeLabel.precise(reached.moment))"
            }
            return OperationReport(
                text,
                [
                    "id": .string(manifest.id), "verified": true, "log": BackupText.json(result.reached),
                    "tables": .number(String(manifest.contents.tables.count)),
                    "rows": .number(String(manifest.contents.rows)), "milliseconds": .number(String(result.milliseconds)),
                ])
        }
    }

    /// Whether a text names a moment that ``restore(_:moment:replaces:compares:keepsOwners:)`` understands.
    package static func isMoment(_ text: String) -> Bool { RestoreMoment(text) != nil }

    /// Brings a backup into the database's place.
    ///
    /// - Parameter moment: `latest` or a time of RFC 3339, up to which the log is applied; nil for the backup alone.
    package func restore(
        _ id: String?, moment: String? = nil, replaces: Bool, compares: Bool, keepsOwners: Bool
    ) async throws -> OperationReport {
        try await with { backups in
            var options = RestoreOptions()
            options.replaces = replaces
            options.keepsOwners = keepsOwners
            let result = try await backups.restore(
                id, moment: moment.flatMap { RestoreMoment($0) }, options: options, compares: compares)
            let rows = result.manifest.contents.rows
            var text = "\(result.manifest.id): restored \(result.manifest.contents.tables.count) tables and \(rows) rows"
            text += result.isCompared ? ", compared every table" : ", compared nothing"
            text += ", in \(Self.seconds(result.milliseconds))"
            if result.isCompared { text += " (\(Self.seconds(result.compareMilliseconds)) of it for the comparison)" }
            if let reached = result.reached {
                text +=
                    result.manifest.log == nil
                    ? "\nthere is no log behind it: this is the state of \(TimeLabel.precise(reached.moment))"
                    : "\nand on it the log up to \(TimeLabel.precise(reached.moment)): \(reached.pieces) piece(s)"
            }
            if let kept = result.kept { text += "\nwhat was there is kept as \(kept)" }
            return OperationReport(
                text,
                [
                    "id": .string(result.manifest.id), "log": BackupText.json(result.reached), "rows": .number(String(rows)),
                    "compared": .bool(result.isCompared),
                    "kept": result.kept.map(JSONValue.string) ?? .null, "milliseconds": .number(String(result.milliseconds)),
                    "compareMilliseconds": .number(String(result.compareMilliseconds)),
                ])
        }
    }

    /// Removes the backups that are not to be kept.
    package func prune(isRehearsal: Bool) async throws -> OperationReport {
        try await with { backups in
            let pruning = try await backups.prune(isRehearsal: isRehearsal)
            let removed = pruning.backups
            var head = "\(removed.count) backup(s)"
            if pruning.pieces > 0 { head += " and \(pruning.pieces) piece(s) of the log" }
            head += isRehearsal ? " would be removed" : " removed"
            return OperationReport(
                ([head] + removed.map { "  \($0)" }).joined(separator: "\n"),
                [
                    "removed": .array(removed.map(JSONValue.string)), "removedPieces": .number(String(pruning.pieces)),
                    "rehearsal": .bool(isRehearsal),
                ])
        }
    }

    private func with(_ body: (Backups) async throws -> OperationReport) async throws -> OperationReport {
        let settings = try Operations.settings(logDescriptor: STDERR_FILENO, makesKeys: false)
        var log = settings.log
        // What the command itself says is not said twice.
        log.level = max(log.level, .warning)
        let logs = Logs(log, secrets: settings.secrets, descriptor: STDERR_FILENO)
        defer { logs.writer.shutdown() }
        let backups = try ConfiguredBackups.make(settings, logger: logs.logger("seaworthy"))
        do {
            return try await body(backups)
        } catch {
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
