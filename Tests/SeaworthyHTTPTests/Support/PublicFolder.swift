import Foundation

/// A folder `public` of one test's own, with something secret beside it; gone with the value.
final class PublicFolder: Sendable {
    private let parent: String
    var path: String { parent + "/public" }

    init() throws {
        parent = FileManager.default.temporaryDirectory.appendingPathComponent("seaworthy-http-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data("secret".utf8).write(to: URL(fileURLWithPath: parent + "/secret.txt"))
    }

    deinit { try? FileManager.default.removeItem(atPath: parent) }

    func write(_ content: some DataProtocol, to name: String) throws {
        let url = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content).write(to: url)
    }

    func write(_ text: String, to name: String) throws {
        try write(Data(text.utf8), to: name)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
    }

    func setModified(_ name: String, seconds: Int) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: Double(seconds))], ofItemAtPath: "\(path)/\(name)")
    }

    func setMode(_ name: String, _ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(path)/\(name)")
    }
}
