import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The folder of static files. Its functions block; they run on a thread that may.
struct StaticFolder: Sendable {
    enum Found: Sendable {
        case file(StaticFile, name: String)
        /// A folder, asked for without the slash at its end.
        case folder
    }

    /// Without symbolic links, and without a slash at its end but for that of the root.
    private let root: String

    /// Nil when there is no such folder.
    init?(path: String) {
        guard let root = Self.resolved(path), Self.isFolder(root) else { return nil }
        self.root = root
    }

    /// The file of a path: for a folder its `index.html`. Nil where nothing is served.
    func find(_ path: StaticPath) -> Found? {
        let names = path.isFolder ? path.segments + ["index.html"] : path.segments
        guard let resolved = Self.resolved(([root] + names).joined(separator: "/")), isVisible(resolved) else { return nil }
        if let file = StaticFile(path: resolved) {
            return .file(file, name: names.last ?? "")
        }
        guard !path.isFolder, Self.isFolder(resolved), find(StaticPath(folder: path)) != nil else { return nil }
        return .folder
    }

    /// Is a path without links below the root, and nothing on the way hidden? A link may point anywhere within.
    private func isVisible(_ resolved: String) -> Bool {
        let prefix = root == "/" ? root : root + "/"
        guard resolved.utf8.starts(with: prefix.utf8) else { return false }
        return resolved.utf8.dropFirst(prefix.utf8.count).split(separator: UInt8(ascii: "/")).allSatisfy {
            StaticPath.isVisible(Substring($0))
        }
    }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(validatingCString: resolved)
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
