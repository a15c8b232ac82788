package import SeaworthySchema

/// What a request for a list asks for, with names and values resolved against the entity.
package struct ListRequest: Sendable {
    package var filter: Filter
    /// The terms of `search`, in the root locale's upper case; empty without a search.
    package var searchTerms: [String]
    /// As asked; the key is added by the plan.
    package var sort: [SortKey]
    package var projection: Projection
    package var limit: Int
    package var position: Position
    package var count: Count
    package var deleted: Deleted

    package init(
        filter: Filter = .all([]), searchTerms: [String] = [], sort: [SortKey] = [], projection: Projection, limit: Int,
        position: Position = .start, count: Count = .none, deleted: Deleted = .exclude
    ) {
        self.filter = filter
        self.searchTerms = searchTerms
        self.sort = sort
        self.projection = projection
        self.limit = limit
        self.position = position
        self.count = count
        self.deleted = deleted
    }

    package enum Position: Sendable, Equatable {
        case start
        /// The text of a cursor, not yet opened.
        case cursor(String)
        /// Counted from 1.
        case page(Int)
    }

    /// Whether deleted records are given.
    package enum Deleted: String, Sendable, CaseIterable {
        case exclude, include, only
    }

    package enum Count: String, Sendable, CaseIterable {
        case none, exact, estimated
    }

    /// Whether the order is that of relevance, which has no cursor.
    package var isByRelevance: Bool {
        !searchTerms.isEmpty && sort.isEmpty
    }
}
