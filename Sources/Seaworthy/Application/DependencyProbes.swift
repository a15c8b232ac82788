import NIOCore
import SeaworthyHTTP
import SeaworthyMail
import SeaworthyMaintenance
import SeaworthyOpenID
import SeaworthySQL
import SeaworthyStorage

/// What the server depends on, as it is asked for health.
enum DependencyProbes {
    /// How long what was found of others' servers is good for. They are not asked each second: a mail server that is greeted that often shuts one out.
    static let lifetimeOfOthers: Duration = .seconds(30)
    /// How long what was found of the migrations is good for.
    static let lifetimeOfMigrations: Duration = .seconds(10)

    // MARK: Without which there is no service

    static func database(_ opened: OpenedDatabase) -> HealthProbe {
        HealthProbe(name: "\(opened.dialect.name):responseTime") {
            do {
                try await opened.database.probe()
            } catch let error as StorageError where error.code == .readOnly {
                // Reads go on.
                throw HealthProbe.Degradation(output: "takes no writes")
            }
        }
    }

    /// Whether the database has had every migration that this server knows: it may be restored to an earlier state while the server runs.
    static func migrations(_ folder: MigrationFolder, _ opened: OpenedDatabase) -> HealthProbe {
        let name = "migrations:pending"
        return .observing(name, isRequired: true, lifetime: lifetimeOfMigrations) {
            let pending: [String]
            do {
                pending = try await opened.migrations.status(folder).pending.map(\.name)
            } catch is StorageError {
                // That the database does not answer its own check tells.
                return []
            }
            let output = pending.first.map {
                "\($0)\(pending.count > 1 ? " and \(pending.count - 1) more are" : " is") pending: run seaworthy migrate apply"
            }
            return [
                HealthObservation(name, pending.isEmpty ? .pass : .fail, value: .integer(pending.count), unit: "migrations", output: output)
            ]
        }
    }

    // MARK: Without which there is less

    /// Of each replica how far it is behind. Reads that it does not answer the primary does. Nil for a database without one.
    static func replicas(_ database: any Database) -> HealthProbe? {
        guard !database.replicas.isEmpty else { return nil }
        let name = "postgres:replicationLag"
        return .observing(name) {
            database.replicas.map { replica in
                let output =
                    replica.lag == nil
                    ? "does not answer, or is no replica: reads go to the primary" : "is too far behind: reads go to the primary"
                return HealthObservation(
                    name, of: replica.name, replica.isUsed ? .pass : .warn, value: replica.lag.map { .number($0 / .seconds(1)) },
                    unit: replica.lag == nil ? nil : "s", output: replica.isUsed ? nil : output)
            }
        }
    }

    static func mail(_ delivery: SMTPDelivery) -> HealthProbe {
        others("smtp:responseTime") {
            do throws(MailError) {
                try await delivery.probe()
            } catch {
                throw HealthProbe.Degradation(output: error.message)
            }
        }
    }

    static func provider(_ provider: OpenIDProvider) -> HealthProbe {
        others("oidc:responseTime", of: provider.settings.name) {
            do {
                try await provider.probe()
            } catch let error as OpenIDError {
                throw HealthProbe.Degradation(output: error.reason)
            }
        }
    }

    /// The bucket of the backups.
    static func bucket(_ backups: Backups) -> HealthProbe {
        others("s3:responseTime") {
            do {
                try await backups.probe()
            } catch let error as BackupError {
                throw HealthProbe.Degradation(output: error.message)
            }
        }
    }

    private static func others(
        _ name: String, of component: String? = nil, _ probe: @escaping @Sendable () async throws -> Void
    ) -> HealthProbe {
        HealthProbe(name: name, of: component, isRequired: false, timeout: .seconds(4), lifetime: lifetimeOfOthers, probe: probe)
    }
}
