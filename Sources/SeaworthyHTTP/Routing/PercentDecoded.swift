import SeaworthySchema

/// A raw path parameter or path segment in clear.
///
/// - Throws: 400 `invalid_encoding` on a bad escape, invalid UTF-8 or U+0000, naming `parameter`.
package func percentDecoded(_ text: Substring, parameter: String = "path") throws(Problem) -> String {
    do {
        return try PercentDecoding.decode(text.utf8, plusIsSpace: false)
    } catch {
        throw .badParameter(parameter, code: .invalidEncoding, detail: "The path cannot be read: \(error.detail).")
    }
}
