import FoundationEssentials
import SeaworthySchema

/// A backup as it is listed.
package struct ListedBackup: Sendable {
    package var id: String
    /// Nil when it cannot be read at all.
    package var manifest: BackupManifest?
    /// When it was verified last; microseconds since the epoch.
    package var verified: Int64?
    /// What is wrong with it, as far as its manifest and its size tell.
    package var problem: String?

    package var isSound: Bool { problem == nil && manifest != nil }

    var time: Int64 { manifest?.time ?? .min }
}

/// What a verification found.
package struct Verification: Sendable {
    package var manifest: BackupManifest
    package var milliseconds: Int
    /// How far the log behind it reaches; nil when none is kept.
    package var reached: ReachedMoment?
}

/// A state that a backup and the log behind it make.
package struct ReachedMoment: Sendable, Equatable {
    /// How many pieces of the log were applied.
    package var pieces = 0
    /// When the last of them was read, or the backup's own moment; microseconds since the epoch. Nothing later is in the state.
    package var moment: Int64
}

/// What a removal of old backups takes away.
package struct Pruning: Sendable, Equatable {
    /// Names, the oldest first.
    package var backups: [String]
    /// How many pieces of the log.
    package var pieces: Int
}

/// What there is of the log.
package struct KeptLog: Sendable, Equatable {
    /// The times that can be had, the earliest first.
    package var spans: [LogSpan]
    package var pieces: Int
    package var bytes: Int
}

/// What a restore did.
package struct Restoration: Sendable {
    package var manifest: BackupManifest
    /// The state behind the backup that was asked for; nil when it is the backup's.
    package var reached: ReachedMoment?
    /// Where what was replaced is now; nil when there was nothing.
    package var kept: String?
    package var milliseconds: Int
    /// Of these, for the comparison.
    package var compareMilliseconds: Int
    package var isCompared: Bool
}

/// Says that a backup was restored and compared, and when. Lies beside it, sealed like its manifest.
struct VerificationMark: Sendable {
    static let maximumBytes = 64 << 10

    var id: String
    var time: Int64
    var duration: Int

    init(id: String, time: Int64, duration: Int) {
        self.id = id
        self.time = time
        self.duration = duration
    }

    /// Nil for a mark that is damaged, of another backup, or not of these keys: it proves nothing.
    init?(_ bytes: [UInt8], of manifest: BackupManifest, keys: BackupKeys?) {
        guard case .object(let object)? = try? JSONParser.parse(String(decoding: bytes, as: UTF8.self)),
            let salt = [UInt8](hexadecimal: manifest.salt), let check = [UInt8](hexadecimal: manifest.keyCheck),
            let derived = try? ContainerReader.keys(manifest.isEncrypted, salt: salt, check: check, of: keys, name: manifest.id)
                as DerivedKeys??,
            (try? Seal.check(object, derived, name: manifest.id)) != nil
        else { return nil }
        let reader = MemberReader(object)
        guard reader.text("id") == manifest.id, let time = reader.number("microseconds"), let duration = reader.number("milliseconds")
        else {
            return nil
        }
        self.init(id: manifest.id, time: Int64(time), duration: duration)
    }

    func sealed(_ keys: DerivedKeys?) -> [UInt8] {
        Seal.sealed(
            [
                "id": .string(id), "verifiedAt": .string(TimeLabel.text(time)), "microseconds": .number(String(time)),
                "milliseconds": .number(String(duration)),
            ], keys)
    }
}
