import Testing

@testable import Seaworthy

/// `.env.example` and docs/configuration.md against the definitions. When one differs, the failure shows what it has to be.
struct SettingsReferenceTests {
    private static let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()

    private func file(_ path: String) throws -> String { try SettingFile.read("\(Self.root)/\(path)").text }

    /// The lines between a marker and the next `<!-- end -->`.
    private func block(_ marker: String, of text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = lines.firstIndex { $0.hasPrefix("<!-- \(marker):") } ?? lines.endIndex
        return lines[start...].dropFirst().prefix { $0 != "<!-- end -->" }.map { $0 + "\n" }.joined()
    }

    @Test func `.env.example is what the definitions make`() throws {
        let expected = SettingsReference.environmentExample()
        #expect(try file(".env.example") == expected, "Write this into .env.example:\n\(expected)")
    }

    @Test func `.env.example names every setting once and nothing else`() throws {
        let names = try file(".env.example").split(separator: "\n").compactMap { line -> String? in
            guard line.hasPrefix("#"), !line.hasPrefix("# ") else { return nil }
            return line.dropFirst().split(separator: "=", omittingEmptySubsequences: false).first.map(String.init)
        }
        #expect(names == SettingDefinition.all.map(\.name))
    }

    @Test func `.env.example with the supported settings uncommented is the defaults`() throws {
        let example = SettingsReference.environmentExample(SettingDefinition.supported)
        let lines = example.split(separator: "\n", omittingEmptySubsequences: false).map { $0.hasPrefix("# ") ? $0 : $0.drop { $0 == "#" } }
        let parsed = EnvironmentFile(parsing: lines.joined(separator: "\n"))
        #expect(parsed.problems.isEmpty)
        #expect(parsed.entries.count == SettingDefinition.supported.count)
        let folder = try TemporaryFolder()
        let fromExample = try Settings.load(environment: parsed.entries.mapValues(\.value), workingDirectory: folder.path)
        let fromDefaults = try Settings.load(environment: [:], workingDirectory: folder.path)
        #expect(fromExample.http == fromDefaults.http)
        #expect(fromExample.database == fromDefaults.database)
        #expect(fromExample.log == fromDefaults.log)
    }

    @Test func `docs/configuration.md has the tables the definitions make`() throws {
        let page = try file("docs/configuration.md")
        let supported = SettingsReference.supportedTable()
        let unsupported = SettingsReference.unsupportedTable()
        #expect(block("supported", of: page) == supported, "Write this into docs/configuration.md:\n\(supported)")
        #expect(block("unsupported", of: page) == unsupported, "Write this into docs/configuration.md:\n\(unsupported)")
    }

    @Test func `docs/configuration.md names every problem code once and nothing else`() throws {
        let codes: [SettingsProblem.Code] = [
            .conflictingValues, .developmentKey, .environmentFileSyntax, .insecureFile, .invalidValue, .missing, .notDurable, .notSupported,
            .unknownSetting, .unreadableFile, .unwritableFile, .weakSecret,
        ]
        let section = try file("docs/configuration.md").split(separator: "## What goes wrong\n").last?.split(separator: "\n\n").first ?? ""
        let documented = section.split(separator: "\n").dropFirst(2).compactMap {
            $0.split(separator: "`").dropFirst().first.map(String.init)
        }
        #expect(documented == codes.map(\.description))
    }

    @Test func `a table row has meaning, values, default and secrecy`() {
        let definition = SettingDefinition("UPLOAD_LIMIT", .size(1...1 << 20), default: .value("64KiB"), secret: true, "How much.")
        #expect(
            SettingsReference.supportedTable([definition]).hasSuffix(
                "| `UPLOAD_LIMIT` | How much. | A size from 1B to 1MiB. | 64KiB | yes |\n"))
        #expect(SettingsReference.unsupportedTable([definition]) == "| Variable | What it will be for |\n| --- | --- |\n")
    }

    @Test func `names are unique and of one form`() {
        let names = SettingDefinition.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.utf8.allSatisfy { (65...90).contains($0) || $0 == 95 || (48...57).contains($0) } })
        #expect(SettingDefinition.all.allSatisfy { !$0.purpose.isEmpty && !$0.purpose.contains("|") && !$0.purpose.contains("\n") })
    }

    @Test func `every default is a value of its setting`() throws {
        let machine = SettingsMachine(processorCount: 4, logsToTerminal: true)
        var checked = 0
        for definition in SettingDefinition.all {
            guard let text = definition.defaultText(on: machine) else { continue }
            #expect(throws: Never.self) { try SettingValue.parse(text, as: definition, workingDirectory: "/w") }
            checked += 1
        }
        #expect(checked == 18)
    }
}
