import SeaworthySchema

/// The path of a request as names below the folder of static files; nil for every path that names none.
///
/// Refused are, also percent-encoded: an empty segment, `.` and `..`, everything else that begins with a dot, a slash or a backslash
/// within a segment, NUL, and what is not UTF-8. So nothing here can lead out of the folder, but for symbolic links, which
/// ``StaticFolder`` looks at. Below `/v1` everything belongs to the API.
struct StaticPath: Equatable {
    let segments: [String]
    /// Does the path end in a slash, as that of a folder does?
    let isFolder: Bool

    init?(_ path: Substring) {
        guard path.utf8.first == UInt8(ascii: "/") else { return nil }
        var pieces = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        isFolder = pieces.last?.isEmpty ?? true
        if isFolder {
            pieces = pieces.dropLast()
        }
        var segments: [String] = []
        for piece in pieces {
            guard let segment = try? PercentDecoding.decode(piece.utf8, plusIsSpace: false), Self.isVisible(segment) else { return nil }
            segments.append(segment)
        }
        guard segments.first != "v1" else { return nil }
        self.segments = segments
    }

    /// The same path as that of a folder.
    init(folder path: StaticPath) {
        segments = path.segments
        isFolder = true
    }

    /// May a file or folder of this name be served?
    static func isVisible(_ name: some StringProtocol) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: ".") else { return false }
        return !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") || $0 == 0 }
    }
}
