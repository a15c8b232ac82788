import SeaworthyData
import SeaworthySchema

extension BodyMembers {
    /// `ttl`, as a setting has durations; ``LockRoutes/standardTTL`` where it is missing or wrong.
    mutating func lockTTL() -> Duration {
        let (standard, bounds) = (LockRoutes.standardTTL, LockRoutes.ttlBounds)
        guard let text = optionalText("ttl", atMost: 32) else { return standard }
        let range = "from \(DurationText.render(bounds.lowerBound)) to \(DurationText.render(bounds.upperBound))"
        guard let ttl = DurationText.parse(text) else {
            report("ttl", "invalid_format", "is no time such as 60s, \(range)")
            return standard
        }
        guard bounds.contains(ttl) else {
            report("ttl", "out_of_range", "is not \(range)")
            return standard
        }
        return ttl
    }

    /// The entity with this name, of which records can be locked; nil for none.
    mutating func lockable(_ name: String, in store: RecordStore, by caller: Caller) -> RecordCollection? {
        guard !name.isEmpty else { return nil }
        guard let records = store.collection(named: name), records.isKnown(to: caller) else {
            report("entity", "value_not_allowed", "is no entity's name")
            return nil
        }
        guard !records.entity.isReadOnly else {
            report("entity", "read_only_entity", "is a view, which nobody edits")
            return nil
        }
        return records
    }

    /// The parts of a key in its path form.
    mutating func key(_ name: String, _ path: String, of records: RecordCollection) -> [String] {
        guard !path.isEmpty else { return [] }
        do {
            let parts = try RecordRoutes.keyParts(path[...], of: records.entity)
            try records.requireKey(parts)
            return parts
        } catch let error as RecordError {
            report(name, error.code.rawValue, error.detail)
        } catch {
            report(name, "invalid_format", "is not as it stands in a path: percent-encoded, parts joined by commas")
        }
        return []
    }
}
