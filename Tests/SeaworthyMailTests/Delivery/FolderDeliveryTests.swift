import Foundation
import Testing

@testable import SeaworthyMail

/// A folder that goes with the test.
final class TemporaryFolder: Sendable {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("seaworthy-mail-\(UUID().uuidString)").path

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func names(_ folder: String = "mails") -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)")) ?? []).sorted()
    }
}

@Suite struct `Mail into a folder` {
    private func mail(_ time: Int64 = 1_795_893_859_000_000, id: String = OutgoingMail.makeID()) throws -> OutgoingMail {
        try OutgoingMail(
            MailMessage(to: "a@b.example", subject: "S", text: "T"), from: MailSender("shop@sender.example"), id: id, time: time)
    }

    private func rights(_ path: String) throws -> Int {
        (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue ?? -1
    }

    @Test func `is a file that only its owner may read, named after time and id`() async throws {
        let folder = try TemporaryFolder()
        let delivery = FolderDelivery("\(folder.path)/above/mails")
        let mail = try mail(id: "some-id")
        try await delivery.deliver(mail)
        #expect(folder.names("above/mails") == ["20261128T192419.000000Z-some-id.eml"])
        let path = "\(folder.path)/above/mails/20261128T192419.000000Z-some-id.eml"
        #expect(Array(try Data(contentsOf: URL(fileURLWithPath: path))) == mail.text.bytes)
        #expect(try rights(path) == 0o600)
        #expect(try rights("\(folder.path)/above/mails") == 0o700 && rights("\(folder.path)/above") == 0o700)
        #expect(delivery.place == "\(folder.path)/above/mails")
    }

    @Test func `stays until there are 200 newer ones, and what is no mail stays`() async throws {
        let folder = try TemporaryFolder()
        let delivery = FolderDelivery("\(folder.path)/mails")
        let first = try mail(1_000_000, id: "first")
        try await delivery.deliver(first)
        try Data().write(to: URL(fileURLWithPath: "\(folder.path)/mails/19700101T000002.000000Z-left.eml.unfinished"))
        for name in ["0-notes.txt", "00000000-mine.eml"] { try Data().write(to: URL(fileURLWithPath: "\(folder.path)/mails/\(name)")) }
        for second in 3..<201 { try await delivery.deliver(mail(Int64(second) * 1_000_000)) }
        #expect(folder.names().count == 202 && folder.names().contains { $0.hasSuffix("-first.eml") })
        try await delivery.deliver(mail(201_000_000))
        #expect(folder.names().count == 202 && !folder.names().contains { $0.hasSuffix("-first.eml") })
        try await delivery.deliver(mail(202_000_000))
        #expect(folder.names().prefix(2) == ["0-notes.txt", "00000000-mine.eml"] && folder.names().count == 202)
        #expect(!folder.names().contains { $0.hasSuffix(".unfinished") })
    }

    @Test func `is written anew where an attempt was left unfinished, and never through a link`() async throws {
        let folder = try TemporaryFolder()
        let delivery = FolderDelivery("\(folder.path)/mails")
        try await delivery.probe()
        let mail = try mail(id: "some-id")
        let unfinished = "\(folder.path)/mails/20261128T192419.000000Z-some-id.eml.unfinished"
        try Data(repeating: 7, count: 5000).write(to: URL(fileURLWithPath: unfinished))
        try await delivery.deliver(mail)
        let path = String(unfinished.dropLast(".unfinished".count))
        #expect(Array(try Data(contentsOf: URL(fileURLWithPath: path))) == mail.text.bytes)
        try FileManager.default.createSymbolicLink(atPath: unfinished, withDestinationPath: "\(folder.path)/elsewhere")
        #expect(await mailError { try await delivery.deliver(mail) }?.code == .folderFailed)
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/elsewhere"))
    }

    @Test func `fails where the folder cannot be made, and may be tried again`() async throws {
        let folder = try TemporaryFolder()
        try Data().write(to: URL(fileURLWithPath: "\(folder.path)/file"))
        let delivery = FolderDelivery("\(folder.path)/file/mails")
        let error = try await #require(mailError { try await delivery.deliver(mail()) })
        #expect(error.code == .folderFailed && error.mayRetry && error.message.contains("/file/mails cannot be made"))
        #expect(await mailError { try await delivery.probe() }?.code == .folderFailed)
        // A file in place of the folder.
        let blocked = FolderDelivery("\(folder.path)/file")
        #expect(await mailError { try await blocked.deliver(mail()) }?.code == .folderFailed)
        #expect(await mailError { try await blocked.probe() }?.code == .folderFailed)
    }
}
