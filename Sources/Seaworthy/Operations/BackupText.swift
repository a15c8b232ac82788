import SeaworthyMaintenance
import SeaworthySchema

/// Backups as a command shows them.
enum BackupText {
    /// `northwind-20261125T031500Z-8f3a2c  2026-11-25T03:15:00Z  sqlite northwind.db  12.3 MiB  1000 rows  verified 2026-11-25T03:16:00Z`
    static func line(_ backup: ListedBackup) -> String {
        guard let manifest = backup.manifest else { return "\(backup.id)  DAMAGED: \(backup.problem ?? "unreadable")" }
        let state =
            if let problem = backup.problem { "NOT USABLE: \(problem)" } else {
                backup.verified.map { "verified \(TimeLabel.text($0))" } ?? "not verified"
            }
        return [
            manifest.id, TimeLabel.text(manifest.time), "\(manifest.kind.rawValue) \(manifest.database)", size(manifest.storedBytes),
            "\(manifest.contents.rows) rows", manifest.isEncrypted ? "encrypted" : "not encrypted", state,
        ].joined(separator: "  ")
    }

    static func json(_ manifest: BackupManifest?, id: String? = nil, verified: Int64?, problem: String?) -> JSONValue {
        var object: JSONObject = ["id": .string(manifest?.id ?? id ?? "")]
        if let manifest {
            for (name, value): (String, JSONValue) in [
                ("time", .string(TimeLabel.text(manifest.time))), ("database", .string(manifest.database)),
                ("kind", .string(manifest.kind.rawValue)), ("databaseVersion", .string(manifest.databaseVersion)),
                ("version", .string(manifest.version)), ("schemaHash", manifest.schemaHash.map(JSONValue.string) ?? .null),
                ("bytes", .number(String(manifest.storedBytes))), ("rows", .number(String(manifest.contents.rows))),
                ("tables", .number(String(manifest.contents.tables.count))), ("encrypted", .bool(manifest.isEncrypted)),
                ("milliseconds", .number(String(manifest.duration))),
            ] {
                object.append(name, value)
            }
        }
        object.append("verifiedAt", verified.map { .string(TimeLabel.text($0)) } ?? .null)
        object.append("problem", problem.map(JSONValue.string) ?? .null)
        return .object(object)
    }

    /// `log  2026-11-25T03:15:00Z to 2026-11-25T04:10:12Z  restore --at any time between`, a line for each span without a gap.
    static func lines(_ log: KeptLog) -> [String] {
        let spans = log.spans.map { "log  \(TimeLabel.precise($0.from)) to \(TimeLabel.precise($0.to))  restore --at any time between" }
        return (spans.isEmpty ? ["log  no backup has its log yet"] : spans) + ["log  \(log.pieces) pieces  \(size(log.bytes))"]
    }

    static func json(_ log: KeptLog) -> JSONValue {
        [
            "spans": .array(
                log.spans.map { ["from": .string(TimeLabel.precise($0.from)), "to": .string(TimeLabel.precise($0.to))] }),
            "pieces": .number(String(log.pieces)), "bytes": .number(String(log.bytes)),
        ]
    }

    /// How far a restore or a verification went along the log.
    static func json(_ reached: ReachedMoment?) -> JSONValue {
        guard let reached else { return .null }
        return ["moment": .string(TimeLabel.precise(reached.moment)), "pieces": .number(String(reached.pieces))]
    }

    /// `12.3 MiB`
    static func size(_ bytes: Int) -> String {
        var value = Double(bytes)
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if value < 1024 || unit == "GiB" { return unit == "B" ? "\(bytes) B" : "\(rounded(value)) \(unit)" }
            value /= 1024
        }
        return "\(bytes) B"
    }

    private static func rounded(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
