extension Settings {
    /// The keys that are set, checked as strictly as the environment asks; without any, those of development or of a test.
    static func secretKeys(_ reading: inout SettingsReading, _ environment: AppEnvironment?) -> SecretKeys? {
        guard !reading.hasFailed("SECRET_KEYS") else { return nil }
        guard let text = reading.text("SECRET_KEYS") else { return unsetKeys(&reading, environment) }
        switch SecretKeyPolicy.parse(text) {
        case .failure(let faults):
            report(faults.list, &reading)
            return nil
        case .success(let keys):
            if let environment, environment.isStrict {
                // An unreadable development file is no reason not to start here.
                let development = try? DevelopmentKeys.load(from: reading.workingDirectory)
                report(SecretKeyPolicy.weaknesses(of: keys, development: development), &reading)
            }
            return keys
        }
    }

    /// The keys that backups are encrypted with, nil without any.
    static func backupKeys(_ reading: inout SettingsReading, _ environment: AppEnvironment?) -> SecretKeys? {
        let name = "BACKUP_ENCRYPTION_KEY"
        guard !reading.hasFailed(name), let text = reading.text(name) else { return nil }
        switch SecretKeyPolicy.parse(text) {
        case .failure(let faults):
            report(faults.list, &reading, name: name)
            return nil
        case .success(let keys):
            if let environment, environment.isStrict {
                report(SecretKeyPolicy.weaknesses(of: keys, development: nil), &reading, name: name)
            }
            return keys
        }
    }

    private static func unsetKeys(_ reading: inout SettingsReading, _ environment: AppEnvironment?) -> SecretKeys? {
        switch environment {
        case .development:
            // Nothing is written for a start that fails anyway.
            guard reading.problems.isEmpty else { return nil }
            do {
                if !reading.machine.makesKeys {
                    return try DevelopmentKeys.load(from: reading.workingDirectory)
                        ?? SecretKeys(first: Array(DevelopmentKeys.randomText().utf8))
                }
                return try DevelopmentKeys.loadOrMake(in: reading.workingDirectory)
            } catch {
                reading.report(error)
                return nil
            }
        case .test:
            return SecretKeys(first: Array(DevelopmentKeys.randomText().utf8))
        case .staging, .production:
            let name = environment?.rawValue ?? ""
            reading.report(
                SettingsProblem(.missing, "SECRET_KEYS", "is not set, and APP_ENV is \(name)", fix: Self.keyFix))
            return nil
        case nil:
            return nil
        }
    }

    private static let keyFix = keyFix("SECRET_KEYS")

    private static func keyFix(_ name: String) -> String { "set \(name) to the output of: openssl rand -hex 32" }

    private static func report(_ faults: [SecretKeyPolicy.Fault], _ reading: inout SettingsReading, name: String = "SECRET_KEYS") {
        for fault in faults {
            reading.report(SettingsProblem(fault.code, name, fault.detail, fix: keyFix(name)))
        }
    }
}
