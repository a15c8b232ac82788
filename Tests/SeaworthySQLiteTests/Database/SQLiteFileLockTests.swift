#if os(Linux)
import Foundation
import Glibc
import Testing

@testable import SeaworthySQLite

@Suite struct SQLiteFileLockTests {
    /// A process that is being started has such copies until it runs its program.
    @Test func `what is let go is free, also while something has copies of its descriptors`() async throws {
        try await withDatabasePath { path in
            try await withDatabase(SQLiteSettings(.file(path))) { try await $0.write("CREATE TABLE t (a integer)") }
            var lock = SQLiteFileLock(path)
            #expect(lock != nil)
            var copies: [Int32] = []
            for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
                guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)"),
                    target.hasPrefix(path), let descriptor = Int32(name)
                else { continue }
                copies.append(dup(descriptor))
            }
            #expect(!copies.isEmpty)
            #expect(SQLiteFileLock(path) == nil)
            lock = nil
            #expect(SQLiteFileLock(path) != nil)
            for copy in copies { close(copy) }
        }
    }
}
#endif
