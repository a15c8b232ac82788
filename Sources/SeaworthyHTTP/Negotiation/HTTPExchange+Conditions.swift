extension HTTPExchange {
    /// The condition of `If-Match`; nil when there is none.
    ///
    /// - Throws: 400 `bad_request` naming the field when it is not well formed.
    package func ifMatch() throws(Problem) -> EntityTagCondition? {
        try entityTagCondition("If-Match")
    }

    /// The condition of `If-None-Match`; nil when there is none.
    ///
    /// - Throws: 400 `bad_request` naming the field when it is not well formed.
    package func ifNoneMatch() throws(Problem) -> EntityTagCondition? {
        try entityTagCondition("If-None-Match")
    }

    private func entityTagCondition(_ name: String) throws(Problem) -> EntityTagCondition? {
        guard let field = header(name) else { return nil }
        guard let condition = EntityTagCondition(field) else {
            let detail = "\(name) must be * or a list of entity tags in quotes."
            throw .badRequest(detail, errors: [ProblemItem(.header(name), code: .badRequest, detail: detail)])
        }
        return condition
    }
}
