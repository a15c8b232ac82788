/// The declared data model: what `seaworthy.yaml` says, checked, with every default filled in and every name resolved.
///
/// A value. It is made by ``SchemaParser`` and never changes.
package struct Schema: Sendable, Equatable {
    /// The application's name, from `name:`.
    package var name: String
    package var api: API
    /// In the order of the file.
    package var entities: [Entity]

    /// The `api:` section.
    package struct API: Sendable, Equatable {
        /// Records on a page when the request names no `limit`. Default 25.
        package var pageSize: Int
        /// The largest `limit` a request may name. Default 200.
        package var maxPageSize: Int

        package init(pageSize: Int = 25, maxPageSize: Int = 200) {
            self.pageSize = pageSize
            self.maxPageSize = maxPageSize
        }
    }

    package init(name: String, api: API = API(), entities: [Entity]) {
        self.name = name
        self.api = api
        self.entities = entities
    }

    package func entity(named name: String) -> Entity? {
        entities.first { $0.name == name }
    }
}
