import Foundation
import SeaworthyData
import SeaworthyHTTP
import SeaworthyMail
import SeaworthyMaintenance
import SeaworthyOpenID
import SeaworthyRedis
import SeaworthySchema
import SeaworthyStorage
import Testing

@testable import Seaworthy

@Suite struct `docs/errors.md` {
    @Test func `lists every code of every target, and no other`() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../docs/errors.md")
        let text = try String(contentsOf: path.standardized, encoding: .utf8)
        let documented = text.matches(of: /(?m)^\| `([a-z._]+)` \|/).map { String($0.1) }
        var codes = Set(ProblemMapping.codes)
        codes.formUnion(SchemaProblem.Code.all.map(\.rawValue))
        codes.formUnion(SettingsProblem.Code.all.map(\.description))
        codes.formUnion(HTTPServerError.Code.all.map(\.rawValue))
        codes.formUnion(ImportError.Code.all.map(\.rawValue))
        codes.formUnion(BackupError.Code.all.map(\.rawValue))
        codes.formUnion(MaintenanceError.Code.all.map(\.rawValue))
        codes.formUnion(MailError.Code.all.map(\.rawValue))
        codes.formUnion(OpenIDError.Code.all.map(\.rawValue))
        codes.formUnion(RedisError.Code.all.map(\.rawValue))
        codes.formUnion(StorageError.Code.all.map(\.rawValue))
        #expect(Set(documented).subtracting(codes).sorted() == [], "documented, but no code")
        #expect(codes.subtracting(documented).sorted() == [], "a code, but not documented")
        #expect(documented.count == Set(documented).count, "documented twice")
    }
}
