/// The declared data model: what `seaworthy.yaml` says, checked, with every default filled in and every name resolved.
///
/// A value. It is made by ``SchemaParser`` and never changes.
package struct Schema: Sendable, Equatable {
    /// The application's name, from `name:`.
    package var name: String
    package var api: API
    package var identity: Identity
    /// Only the server that runs asks for them, so they are no part of the stored schema.
    package var limits: Limits
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
        /// Where people may sign in besides, in the order of the file.
        package var providers: [Provider]

        /// A provider of OpenID Connect.
        package struct Provider: Sendable, Equatable {
            /// Stands in paths: lower-case letters, digits and hyphens.
            package var name: String
            package var issuer: String
            package var clientID: String
            /// Nil for the usual ones.
            package var scopes: [String]?
            /// Ids of tenants; nil for all of the issuer's.
            package var tenants: [String]?
            /// The claim that says that an address is the person's; nil for `email_verified`.
            package var verifiedClaim: String?
            /// Whether who comes for the first time gets an account; nil for what ``Identity/registers`` says.
            package var registers: Bool?

            package init(
                name: String, issuer: String, clientID: String, scopes: [String]? = nil, tenants: [String]? = nil,
                verifiedClaim: String? = nil, registers: Bool? = nil
            ) {
                self.name = name
                self.issuer = issuer
                self.clientID = clientID
                self.scopes = scopes
                self.tenants = tenants
                self.verifiedClaim = verifiedClaim
                self.registers = registers
            }
        }

        package init(attributes: [Attribute] = [], registers: Bool = false, providers: [Provider] = []) {
            self.attributes = attributes
            self.registers = registers
            self.providers = providers
        }

        package func attribute(named name: String) -> Attribute? {
            (Self.builtIn + attributes).first { $0.name.hasSameBytes(as: name) }
        }
    }

    package init(name: String, api: API = API(), identity: Identity = Identity(), limits: Limits = Limits(), entities: [Entity]) {
        self.name = name
        self.api = api
        self.identity = identity
        self.limits = limits
        self.entities = Relation.linked(entities)
    }

    package func entity(named name: String) -> Entity? {
        entities.first { $0.name == name }
    }
}
