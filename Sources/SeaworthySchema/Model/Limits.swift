extension Schema {
    /// The `limits:` section: how often clients may ask.
    package struct Limits: Sendable, Equatable {
        /// What holds for one thing that is done.
        package enum Bound: Sendable, Equatable {
            case rate(RequestRate)
            /// `none`
            case unlimited
        }

        /// What holds for somebody, or for an entity; nil for what holds for all.
        package struct Rates: Sendable, Equatable {
            package var standard: Bound?
            package var importing: Bound?
            package var exporting: Bound?

            package init(standard: Bound? = nil, importing: Bound? = nil, exporting: Bound? = nil) {
                self.standard = standard
                self.importing = importing
                self.exporting = exporting
            }

            package static let none = Rates()
        }

        package struct Role: Sendable, Equatable {
            package var name: String
            package var rates: Rates

            package init(_ name: String, _ rates: Rates) {
                self.name = name
                self.rates = rates
            }
        }

        package static let standardRates = Rates(
            standard: .rate(RequestRate(300, in: .seconds(60))), importing: .rate(RequestRate(5, in: .seconds(60))))
        package static let standardAuth = Bound.rate(RequestRate(10, in: .seconds(60)))

        /// For everybody. Lists that are exported count as all else does where ``Rates/exporting`` is nil.
        package var rates: Rates
        /// For signing in, by address and by account.
        package var auth: Bound
        /// For API keys, each by itself.
        package var keys: Rates
        /// In the order of the file.
        package var roles: [Role]
        /// Who is not counted.
        package var exempt: [AddressRange]

        package init(
            rates: Rates = standardRates, auth: Bound = standardAuth, keys: Rates = .none, roles: [Role] = [], exempt: [AddressRange] = []
        ) {
            self.rates = rates
            self.auth = auth
            self.keys = keys
            self.roles = roles
            self.exempt = exempt
        }
    }
}
