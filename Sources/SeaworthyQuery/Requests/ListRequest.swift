package import SeaworthySchema

/// What a request for a list asks for, with names and values resolved against the entity.
package struct ListRequest: Sendable {
    package var filter: Filter
    /// The terms of `search`, in the root locale's upper case; empty without a search.
    package var searchTerms: [String]
    /// As asked; the key is added by the plan.
    package var sort: [SortKey]
    /// Indexes of the fields to send, in the entity's order.
    package var select: [Int]
    package var limit: Int
    package var position: Position
    package var count: Count

    package enum Position: Sendable, Equatable {
        case start
        /// The text of a cursor, not yet opened.
        case cursor(String)
        /// Counted from 1.
        case page(Int)
    }

    package enum Count: String, Sendable, CaseIterable {
        case none, exact, estimated
    }

    /// Whether the order is that of relevance, which has no cursor.
    package var isByRelevance: Bool {
        !searchTerms.isEmpty && sort.isEmpty
    }
}

/// A field to sort by.
package struct SortKey: Sendable, Hashable {
    package var field: Int
    package var isDescending: Bool

    package init(field: Int, isDescending: Bool) {
        self.field = field
        self.isDescending = isDescending
    }
}
