/// The declared data model: what `seaworthy.yaml` says, checked, with every default filled in and every name resolved.
///
/// A value. It is made by ``SchemaParser`` and never changes.
package struct Schema: Sendable, Equatable {
    /// The application's name, from `name:`.
    package var name: String
    package var api: API
    package var identity: Identity
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

    /// The `identity:` section: who can have an account, and what is known of them, for `$user.…` in rules.
    package struct Identity: Sendable, Equatable {
        /// What every user has.
        package static let builtIn = [Attribute(name: "id", type: .string), Attribute(name: "email", type: .email)]

        package struct Attribute: Sendable, Equatable {
            package var name: String
            package var type: FieldType

            package init(name: String, type: FieldType) {
                self.name = name
                self.type = type
            }
        }

        /// Those that the schema declares, in the order of the file.
        package var attributes: [Attribute]
        /// Whether people make their accounts themselves. Default false.
        package var registers: Bool

        package init(attributes: [Attribute] = [], registers: Bool = false) {
            self.attributes = attributes
            self.registers = registers
        }

        package func attribute(named name: String) -> Attribute? {
            (Self.builtIn + attributes).first { $0.name.hasSameBytes(as: name) }
        }
    }

    package init(name: String, api: API = API(), identity: Identity = Identity(), entities: [Entity]) {
        self.name = name
        self.api = api
        self.identity = identity
        self.entities = Relation.linked(entities)
    }

    package func entity(named name: String) -> Entity? {
        entities.first { $0.name == name }
    }
}
