import Logging
import SeaworthyHTTP
import SeaworthyMaintenance

extension Application {
    /// What readiness asks: what requests need.
    func requirements(_ opened: OpenedDatabase, _ redis: SharedRedis?) throws -> [HealthProbe] {
        var probes = [DependencyProbes.database(opened)]
        // Elsewhere the schema itself is applied, and migrations are only written.
        if let migrations, settings.migratesOnStart || settings.environment.isStrict {
            let folder = try migrations.folder(for: opened.dialect)
            if !folder.migrations.isEmpty { probes.append(DependencyProbes.migrations(folder, opened)) }
        }
        if let redis { probes.append(redis.probe) }
        return probes
    }

    /// What operators are told of beside that: what is needed now and then, or makes things faster.
    func dependencies(
        _ opened: OpenedDatabase, _ mail: MailKeeper, _ providers: [OpenIDSignIn], _ logger: Logger
    ) throws -> [HealthProbe] {
        var probes: [HealthProbe] = []
        if let replicas = DependencyProbes.replicas(opened.database) { probes.append(replicas) }
        if let delivery = mail.server { probes.append(DependencyProbes.mail(delivery)) }
        probes += providers.map(\.probe)
        if case .bucket = settings.backup.place, settings.database.location != .memory {
            probes.append(DependencyProbes.bucket(try ConfiguredBackups.make(settings, logger: logger)))
        }
        return probes
    }
}
