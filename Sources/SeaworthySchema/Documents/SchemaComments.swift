/// What is said beside a schema in its file, for people.
package struct SchemaComments: Sendable, Equatable {
    package struct OfEntity: Sendable, Equatable {
        /// Before the entity.
        package var above: [String] = []
        /// At the fields, by their names: behind one on its line, or above it.
        package var fields: [String: [String]] = [:]
        /// Above the fields, by their names: of what would stand there.
        package var beforeFields: [String: [String]] = [:]
        /// Behind the last field, among them.
        package var afterFields: [String] = []
        /// Behind the entity's last field: what of the table has no place in it.
        package var below: [String] = []

        package init() {}
    }

    /// At the beginning of the file.
    package var top: [String] = []
    /// By the entities' names.
    package var entities: [String: OfEntity] = [:]
    /// At the end of the file.
    package var bottom: [String] = []

    package init() {}
}
