import FoundationEssentials
import SeaworthySQL
import SeaworthySchema
import SeaworthyStorage

extension PostgresBackupEngine {
    /// An empty database is filled, in one transaction. One that holds something is replaced by a new one, that takes its name when all is
    /// restored and compared; the old one stays under another.
    package func restore(
        _ manifest: BackupManifest, options: RestoreOptions, read: @escaping @Sendable () async throws -> [UInt8]?,
        accept: (@Sendable (DatabaseContents) throws -> Void)?
    ) async throws -> RestoreOutcome {
        let folder = try ScratchFolder(in: options.scratchRoot)
        let isEmpty = try await with(database) { try await $0.transaction(.read) { try await self.isEmpty($0) } }
        let old = try await with(database) { try await $0.transaction(.read) { try await DatabaseSettingsList.read(in: $0) } }
        guard options.replaces || isEmpty else {
            throw BackupError(
                .targetNotEmpty, "the database «\(database)» has tables",
                fix: "add --force, which keeps it under another name, or set DATABASE_URL")
        }
        guard !isEmpty else {
            try await fill(database, manifest, keepsOwners: options.keepsOwners, folder, read)
            return RestoreOutcome(kept: nil, compareMilliseconds: try await finish(database, accept))
        }
        try await requireUnused()
        let kept = "\(database.prefix(40))_before_\(options.label.lowercased())"
        let made = try await with(database) { database in
            try await database.session { session in
                try await holding(Self.lockKey, session) {
                    let draft = try await removeAbandoned(Self.draftPrefix, session) + [UInt8].random(4).hexadecimal
                    return try await withNewDatabase(draft, manifest.properties, session, keeps: true) {
                        try await fill(draft, manifest, keepsOwners: options.keepsOwners, folder, read)
                        let milliseconds = try await finish(draft, accept)
                        for statement in old.statements(for: draft, keepsOwners: options.keepsOwners) {
                            try await session.execute(Statement(statement))
                        }
                        return (draft, milliseconds)
                    }
                }
            }
        }
        guard let (draft, milliseconds) = made else {
            throw BackupError(.busy, "another process backs up or restores «\(database)» just now", fix: "wait until it is done")
        }
        do {
            try await requireUnused()
            try await rename(self.database, to: kept, from: draft)
        } catch {
            try? await with(self.database) { try await $0.session { try await drop(draft, $0) } }
            throw error
        }
        do {
            try await rename(draft, to: self.database, from: kept)
        } catch {
            try? await rename(kept, to: self.database, from: draft)
            throw error
        }
        return RestoreOutcome(kept: kept, compareMilliseconds: milliseconds)
    }

    private func isEmpty(_ transaction: any DatabaseTransaction) async throws -> Bool {
        let rows = try await transaction.query(
            Statement(
                """
                SELECT count(*)::bigint FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
                WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f', 'S') AND c.relpersistence <> 't' AND \(PostgresContents.isOwn)
                """), into: ValueRows())
        return rows[0][0].number == 0
    }

    /// Compares, and gathers what the planner has to know: without it the first queries are slow.
    private func finish(_ name: String, _ accept: (@Sendable (DatabaseContents) throws -> Void)?) async throws -> Int {
        let start = Deadline.now.nanoseconds
        if let accept { try accept(try await contents(of: name)) }
        let milliseconds = Int((Deadline.now.nanoseconds - start) / 1_000_000)
        try await with(name) { try await $0.session { _ = try await $0.execute(Statement("ANALYZE")) } }
        return accept == nil ? 0 : milliseconds
    }

    /// A database that somebody is connected to cannot be renamed, and what they wrote meanwhile would not be in the new one.
    private func requireUnused() async throws {
        let others = try await with(database) { database in
            try await database.session { session in
                try await session.query(
                    Statement(
                        """
                        SELECT DISTINCT coalesce(nullif(application_name, ''), usename::text, '?') FROM pg_stat_activity \
                        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' \
                        AND application_name <> '\(Self.applicationName)'
                        """), into: ValueRows()
                ).map { $0[0].text }
            }
        }
        guard others.isEmpty else {
            throw BackupError(
                .targetInUse, "others are connected to «\(database)»: \(others.joined(separator: ", "))",
                fix: "stop the server and whatever else is connected")
        }
    }

    /// What our own connections are called.
    package static let applicationName = "seaworthy backup"

    private func rename(_ name: String, to other: String, from connected: String) async throws {
        let dialect = PostgresDialect()
        try await with(connected) { database in
            try await database.session { session in
                _ = try await session.execute(Statement("ALTER DATABASE \(dialect.quoted(name)) RENAME TO \(dialect.quoted(other))"))
            }
        }
    }
}

/// What is set for a database as such, which a dump does not have: settings and rights.
struct DatabaseSettingsList: Sendable {
    /// With U+0001 where the name of the database stands.
    private var forms: [String] = []

    static func read(in transaction: any DatabaseTransaction) async throws -> DatabaseSettingsList {
        // Lists among settings are stored as they are to be written; everything else as a value.
        let rows = try await transaction.query(
            Statement(
                """
                SELECT format('ALTER DATABASE %s OWNER TO %I', chr(1), pg_get_userbyid(datdba)) FROM pg_database \
                WHERE datname = current_database() \
                UNION ALL SELECT CASE WHEN s.setrole = 0 THEN 'ALTER DATABASE ' || chr(1) \
                ELSE format('ALTER ROLE %I IN DATABASE %s', pg_get_userbyid(s.setrole), chr(1)) END \
                || format(' SET %I TO %s', split_part(c, '=', 1), CASE WHEN split_part(c, '=', 1) IN ('search_path', \
                'local_preload_libraries', 'session_preload_libraries', 'temp_tablespaces') \
                THEN substr(c, strpos(c, '=') + 1) ELSE quote_literal(substr(c, strpos(c, '=') + 1)) END) \
                FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = s.setdatabase, unnest(s.setconfig) AS c \
                WHERE d.datname = current_database() \
                UNION ALL SELECT format('GRANT %s ON DATABASE %s TO %s%s', a.privilege_type, chr(1), \
                CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, \
                CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) \
                FROM pg_database AS d, aclexplode(d.datacl) AS a WHERE d.datname = current_database() \
                UNION ALL SELECT format('REVOKE CONNECT, TEMPORARY ON DATABASE %s FROM PUBLIC', chr(1)) FROM pg_database AS d \
                WHERE d.datname = current_database() AND d.datacl IS NOT NULL ORDER BY 1 DESC
                """), into: ValueRows())
        return DatabaseSettingsList(forms: rows.map { $0[0].text })
    }

    /// `REVOKE` comes before `GRANT`: the rows are sorted backwards.
    ///
    /// - Parameter keepsOwners: whether owner and rights are among them, and not only settings.
    func statements(for database: String, keepsOwners: Bool) -> [String] {
        forms.filter { keepsOwners || $0.contains(" SET ") }.map { $0.replacing("\u{1}", with: PostgresDialect().quoted(database)) }
    }
}
