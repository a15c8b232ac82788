/// Where the tokens of a session are kept.
enum SessionMode: String, CaseIterable {
    /// By the client, who gets them in the answer.
    case token
    /// In cookies of a browser, where no script reads them.
    case cookie
}

extension BodyMembers {
    /// The member `mode`; ``SessionMode/token`` without it, or where it is wrong.
    mutating func sessionMode() -> SessionMode {
        guard let text = optionalText("mode", atMost: 16) else { return .token }
        guard let mode = SessionMode(rawValue: text) else {
            report("mode", "value_not_allowed", "must be one of \(SessionMode.allCases.map(\.rawValue).joined(separator: ", "))")
            return .token
        }
        return mode
    }
}
