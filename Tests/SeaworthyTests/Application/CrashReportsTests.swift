import Foundation
import SeaworthyTelemetry
import Testing

@testable import Seaworthy

@Suite struct `Reports of crashes` {
    private let folder: TemporaryFolder
    private var reports: CrashReports { CrashReports(folder: folder.path) }

    init() throws { folder = try TemporaryFolder() }

    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }

    /// - Parameter age: in seconds.
    private func write(_ text: String, _ name: String, age: Double) throws {
        try folder.write(text, to: name)
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: folder.url.appendingPathComponent(name).path)
    }

    private static let crash = """
        { "timestamp": "2026-11-29T07:54:27.218544Z", "kind": "crashReport", "description": "Illegal instruction", "faultAddress": "0x1",
          "platform": "Linux (Debian)", "architecture": "x86_64", "threads": [
            { "name": "idle", "frames": [ { "kind": "programCounter", "address": "0x9", "description": "wait + 3" } ] },
            { "name": "busy", "crashed": true, "registers": {"rax": "0x5e"}, "frames": [
              { "kind": "programCounter", "address": "0x1", "symbol": "$s1f", "offset": 623, "description": "closure #1 in f(_:) + 623", "image": "libswiftCore.so" },
              { "kind": "returnAddress", "address": "0x2", "description": "deep + fold(_:) + 130", "image": "seaworthy", "sourceLocation": { "file": "/src/main.swift", "line": 2, "column": 84 } },
              { "kind": "returnAddress", "address": "0x3", "symbol": "main" },
              { "kind": "truncated" } ] } ],
          "capturedMemory": { "0x1": "PLANTED" }, "images": [] , "backtraceTime": 0.006 }
        """

    @Test func `are read with their stack, the newest call last, and without memory and registers`() throws {
        try write(Self.crash, "seaworthy-7-0.json", age: 60)
        let crash = try #require(reports.collect().first)
        let fault = crash.fault
        #expect(crash.file == "seaworthy-7-0.json")
        #expect(fault.type == "Illegal instruction" && fault.message == "in deep + fold(_:)" && fault.level == .fatal && !fault.isHandled)
        #expect(fault.fingerprint == ["crash", "Illegal instruction", "deep + fold(_:)"])
        #expect(
            fault.frames == [
                .init(function: "main", address: "0x3"),
                .init(function: "deep + fold(_:)", file: "/src/main.swift", line: 2, image: "seaworthy", address: "0x2"),
                .init(function: "closure #1 in f(_:)", image: "libswiftCore.so", address: "0x1"),
            ])
        #expect(
            fault.extra.map { "\($0.0)=\($0.1)" } == [
                "file=seaworthy-7-0.json", "platform=Linux (Debian)", "architecture=x86_64", "timestamp=2026-11-29T07:54:27.218544Z",
                "thread=busy",
            ])
        #expect(abs((fault.milliseconds ?? 0) - Int64((Date().timeIntervalSince1970 - 60) * 1000)) < 30_000)
        #expect(!"\(fault)".contains("PLANTED") && !"\(fault)".contains("0x5e"))
        #expect(try names() == ["seaworthy-7-0.json.reported"])
        #expect(reports.collect().isEmpty)
    }

    @Test func `that cannot be read are crashes all the same`() throws {
        for (index, text) in ["", "{", "[]", "{\"kind\":\"other\"}", String(repeating: " ", count: CrashReports.maximumBytes + 1)]
            .enumerated()
        {
            try write(text, "seaworthy-\(index)-0.\(index).json", age: Double(10 - index))
        }
        let faults = reports.collect()
        #expect(faults.map(\.file) == (0..<5).map { "seaworthy-\($0)-0.\($0).json" })
        #expect(
            faults.allSatisfy { $0.fault.fingerprint == ["crash", "unreadable"] && $0.fault.level == .fatal && $0.fault.frames.isEmpty })
        try write(#"{"kind":"crashReport"}"#, "seaworthy-5-0.json", age: 0)
        #expect(reports.collect().map(\.fault.type) == ["crash"])
    }

    @Test func `are kept within a bound, the newest, and other files stay`() throws {
        for number in 0..<14 {
            try write(Self.crash, "seaworthy-\(number)-0.0.json\(number < 6 ? ".reported" : "")", age: Double(100 - number))
        }
        try write("mine", "notes.txt", age: 1000)
        for number in 0..<12 { try write(Self.crash, "orders-2026-\(number).json", age: 2000) }
        let mine = (0..<12).map { "orders-2026-\($0).json" }
        try FileManager.default.createDirectory(at: folder.url.appendingPathComponent("sub.json"), withIntermediateDirectories: true)
        #expect(reports.collect().map(\.file) == (6..<14).map { "seaworthy-\($0)-0.0.json" })
        #expect(try names() == ((4..<14).map { "seaworthy-\($0)-0.0.json.reported" } + ["notes.txt", "sub.json"] + mine).sorted())
    }

    @Test func `are nothing where there is no folder`() {
        #expect(CrashReports(folder: "/nowhere/at/all").collect().isEmpty)
    }

    @Test func `lie where the variable says`() {
        #expect(CrashCapture.folder(of: CrashCapture.setting(folder: "/data/crashes")) == "/data/crashes")
        #expect(CrashCapture.folder(of: "enable=yes,output-to=/data/crashes") == nil)
        #expect(CrashCapture.folder(of: "enable=yes,format=json,output-to=stderr") == nil)
        #expect(CrashCapture.folder(of: "format=text,output-to=/data") == nil)
        #expect(CrashCapture.folder(of: "") == nil)
    }
}
