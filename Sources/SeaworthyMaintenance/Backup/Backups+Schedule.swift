import Logging

extension Backups {
    /// Does what the schedule asks for by now: a backup, unless there is one since it was due; its verification; the removal of old ones.
    ///
    /// Many nodes may call it at the same time: one makes the backup, the others find that it is being made.
    package func keep(_ schedule: BackupSchedule) async throws {
        let due = schedule.last(until: now()) ?? .min
        if let newest = try await newest() {
            report(newest.manifest, verified: newest.verified)
            if newest.manifest.time >= due {
                if newest.verified == nil { try await verifyUnlessBusy(newest.manifest.id) }
                return
            }
        }
        guard let manifest = try await create(unlessSince: due) else { return }
        try await verifyUnlessBusy(manifest.id)
        _ = try await prune()
    }

    /// A node that makes a backup also verifies it; another that comes upon it meanwhile leaves it alone.
    private func verifyUnlessBusy(_ id: String) async throws {
        do {
            _ = try await verify(id)
        } catch let error as BackupError where error.code == .busy {
            logger.debug("backup is verified elsewhere", metadata: ["backup": "\(id)"])
        }
    }

    private func report(_ manifest: BackupManifest, verified: Int64?) {
        let age = now() - manifest.time
        metrics.succeeded(manifest)
        metrics.recordAge(age)
        if let verified { metrics.verified(at: verified) }
        logger.info(
            "newest backup",
            metadata: [
                "backup": "\(manifest.id)", "ageSeconds": "\(age / 1_000_000)", "bytes": "\(manifest.storedBytes)",
                "milliseconds": "\(manifest.duration)", "lastVerified": "\(verified.map(TimeLabel.text) ?? "never")",
            ])
    }
}
