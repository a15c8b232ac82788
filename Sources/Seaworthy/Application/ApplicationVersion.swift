/// Seaworthy's version, in one place.
package enum ApplicationVersion {
    package static let text = "0.1.0 (unreleased)"
}
