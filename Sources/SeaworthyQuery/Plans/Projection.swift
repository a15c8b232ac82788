/// What is sent of a record, and of the records that belong to it.
package struct Projection: Sendable, Equatable {
    /// The entity's position in the model.
    package var entity: Int
    /// Indexes of the fields to send, in the entity's order.
    package var fields: [Int]
    /// In the order in which they are sent, behind the fields.
    package var includes: [Include]

    package init(entity: Int, fields: [Int], includes: [Include] = []) {
        self.entity = entity
        self.fields = fields
        self.includes = includes
    }

    /// The records at the end of one relation.
    package struct Include: Sendable, Equatable {
        /// The relation's index in the entity.
        package var relation: Int
        /// How many of them, in which order; nil for a to-one relation.
        package var list: List?
        package var projection: Projection

        package init(relation: Int, list: List? = nil, projection: Projection) {
            self.relation = relation
            self.list = list
            self.projection = projection
        }
    }

    package struct List: Sendable, Equatable {
        /// The most records of each parent when the request does not say less, and the most it may say.
        package static let maximumLimit = 100

        package var limit: Int
        /// As asked; the key is added by the plan.
        package var sort: [SortKey]

        package init(limit: Int = maximumLimit, sort: [SortKey] = []) {
            self.limit = limit
            self.sort = sort
        }
    }

    /// How many fields are sent of each record, with those of all that is included.
    var fieldCount: Int {
        includes.reduce(fields.count) { $0 + $1.projection.fieldCount }
    }

    /// Whether it includes lists of records, here or further on.
    package var hasLists: Bool {
        includes.contains { $0.list != nil || $0.projection.hasLists }
    }
}
