import SeaworthySchema

/// What an API key is for: one action on the records of one entity, or of every one. It gives nothing by itself, and only bounds what the
/// roles of the key's owner give.
package struct AccessScope: Sendable, Hashable {
    package enum Action: String, Sendable, CaseIterable {
        case read
        /// Create, update, delete and restore.
        case write
        case purge, history
    }

    /// Nil for every entity.
    private(set) var entity: String?
    /// Nil for every action.
    private(set) var action: Action?

    /// `*`, `Order:read` or `*:read`; nil for anything else. Whether there is such an entity is not looked at.
    init?(_ text: String) {
        guard !text.hasSameBytes(as: "*") else { return }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let action = Action.allCases.first(where: { parts[1].elementsEqual($0.rawValue) }) else {
            return nil
        }
        self.action = action
        if !parts[0].elementsEqual("*") { entity = String(parts[0]) }
    }

    var text: String { action.map { "\(entity ?? "*"):\($0.rawValue)" } ?? "*" }

    func allows(_ action: Action, on entity: String) -> Bool {
        (self.entity?.hasSameBytes(as: entity) ?? true) && (self.action ?? action) == action
    }
}

extension EntityAccess.Writing {
    /// What a scope has to allow for this.
    var action: AccessScope.Action {
        switch self {
        case .create, .update, .delete, .restore: .write
        case .purge: .purge
        case .history: .history
        }
    }
}
