import SeaworthySchema

/// One attempt to sign in, as its user sees it.
package struct SignInRecord: Sendable, Hashable {
    package var id: String
    package var at: Int64
    /// `success`, `wrong_password`, `wrong_code`, `code_required`, `disabled`, `password_reset`.
    package var outcome: String
    package var method: String
    package var address: String?
    package var userAgent: String?

    init?(_ row: [Value]) {
        guard row.count == SystemSchema.signIns.fields.count, let id = row[0].text, let at = row[3].integer, let outcome = row[4].text,
            let method = row[5].text
        else { return nil }
        self.id = id
        self.at = at
        self.outcome = outcome
        self.method = method
        address = row[6].text
        userAgent = row[8].text
    }
}
