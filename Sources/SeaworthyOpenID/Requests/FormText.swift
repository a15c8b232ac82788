import SeaworthySchema

/// `application/x-www-form-urlencoded`, in the form that query strings take too: a space is `%20`.
enum FormText {
    static func text(of parameters: [(String, String)]) -> String {
        parameters.map { "\($0.percentEncoded)=\($1.percentEncoded)" }.joined(separator: "&")
    }
}
