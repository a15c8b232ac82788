import SeaworthySchema
import Testing

@testable import Seaworthy

struct SettingValueTests {
    private func parse(_ text: String, _ kind: SettingDefinition.Kind) -> Result<SettingValue, SettingValue.Refusal> {
        Result { () throws(SettingValue.Refusal) in
            try SettingValue.parse(text, as: SettingDefinition("X", kind, "x"), workingDirectory: "/srv")
        }
    }

    private func value(_ text: String, _ kind: SettingDefinition.Kind) -> SettingValue? { try? parse(text, kind).get() }

    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("15m", .seconds(900)), ("1h", .seconds(3600)),
        ("7d", .seconds(604_800)), ("0s", .zero), ("007s", .seconds(7)),
    ])
    func `a duration is a whole number and a unit`(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(arguments: [
        "", "30", "s", "ms", "-1s", "+1s", "1.5s", "1 s", "1h30m", "1S", "1us", "1w", "٣s", "9223372036854775807d", "99999999999999999999s",
    ])
    func `anything else is no duration`(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: [
        (Duration.zero, "0s"), (.milliseconds(1), "1ms"), (.seconds(90), "90s"), (.seconds(120), "2m"), (.seconds(86_400), "1d"),
    ])
    func `a duration is written as short as it can be`(duration: Duration, text: String) {
        #expect(DurationText.render(duration) == text)
    }

    @Test(arguments: [
        ("1MiB", 1_048_576), ("64KiB", 65_536), ("10MB", 10_000_000), ("2KB", 2000), ("3GiB", 3_221_225_472), ("1GB", 1_000_000_000),
        ("0B", 0),
        ("512B", 512),
    ])
    func `a size is a whole number and a unit`(text: String, bytes: Int) {
        #expect(ByteSizeText.parse(text) == bytes)
    }

    @Test(arguments: ["", "1", "MiB", "1.5MB", "-1B", "1 MB", "1mib", "1kB", "1TB", "9223372036854775807KB"])
    func `anything else is no size`(text: String) {
        #expect(ByteSizeText.parse(text) == nil)
    }

    @Test(arguments: [(1_048_576, "1MiB"), (10_000_000, "10MB"), (1025, "1025B"), (0, "0B"), (1024, "1KiB")])
    func `a size is written as short as it can be`(bytes: Int, text: String) {
        #expect(ByteSizeText.render(bytes) == text)
    }

    @Test func `bounds belong to the values`() {
        #expect(value("1", .integer(1...64)) == .integer(1))
        #expect(value("64", .integer(1...64)) == .integer(64))
        #expect(value("0", .integer(1...64)) == nil)
        #expect(value("65", .integer(1...64)) == nil)
        #expect(value("1ms", .duration(.milliseconds(1) ... .seconds(1))) == .duration(.milliseconds(1)))
        #expect(value("1s", .duration(.milliseconds(1) ... .seconds(1))) == .duration(.seconds(1)))
        #expect(value("0ms", .duration(.milliseconds(1) ... .seconds(1))) == nil)
        #expect(value("1001ms", .duration(.milliseconds(1) ... .seconds(1))) == nil)
        #expect(value("1KiB", .size(1...1024)) == .integer(1024))
        #expect(value("1025B", .size(1...1024)) == nil)
    }

    @Test func `refusals say what would be right`() {
        #expect(
            parse("2s", .duration(.milliseconds(1) ... .seconds(1)))
                == .failure(
                    .init("must be a duration from 1ms to 1s, a whole number with ms, s, m, h or d", fix: "write for instance X=30s")))
        #expect(
            parse("2MiB", .size(1...1_048_576))
                == .failure(
                    .init(
                        "must be a size from 1B to 1MiB, a whole number with B, KB, MB, GB, KiB, MiB or GiB",
                        fix: "write for instance X=1MiB")))
    }

    @Test(arguments: ["+1", "1_000", " 1", "1 ", "0x10", "1e3", "", "99999999999999999999"])
    func `a whole number is digits only`(text: String) {
        #expect(WholeNumber.parse(text) == nil)
    }

    @Test func `case counts where the definition says so`() {
        #expect(value("INFO", .choice(["info"], ignoringCase: true)) == .text("info"))
        #expect(value("INFO", .choice(["info"], ignoringCase: false)) == nil)
    }

    @Test(arguments: ["127.0.0.1", "::1", "localhost", "fe80::1%eth0", "my-host_1.example"])
    func `a host is a name or an address`(text: String) {
        #expect(value(text, .host) == .text(text))
    }

    @Test(arguments: ["[::1]", "http://a", "a b", "a/b", "ä", "a,b"])
    func `a host is nothing else`(text: String) {
        #expect(value(text, .host) == nil)
    }

    @Test(arguments: [
        ("sqlite:app.db", "/srv/app.db"), ("sqlite:/data/app.db", "/data/app.db"), ("SQLite:a", "/srv/a"),
        ("sqlite:./x/a b.db", "/srv/./x/a b.db"),
    ])
    func `a database file is an absolute path`(text: String, path: String) {
        #expect(value(text, .databaseURL) == .location(.file(path)))
    }

    @Test(arguments: [
        ("postgres://u:secret@h:5432/d", "postgres://u:secret@h:5432/d"), ("POSTGRES://h/D", "postgres://h/D"),
        ("postgresql:///d?host=/run/postgresql&application_name=a", "postgresql:///d?host=/run/postgresql&application_name=a"),
        ("postgres://h1:1,h2,h3:3/d?target_session_attrs=read-write", "postgres://h1:1,h2,h3:3/d?target_session_attrs=read-write"),
    ])
    func `a URL of PostgreSQL is what libpq reads`(text: String, connection: String) {
        #expect(value(text, .databaseURL) == .location(.postgres(connection)))
        #expect(value(text, .postgresURL) == .text(connection))
    }

    @Test(arguments: [
        ("schema=app", "write options=-csearch_path%3DNAME instead, or take it out: without it the schema is public"),
        ("connection_limit=5", "take it out and set DATABASE_POOL_SIZE"), ("pool_timeout=5", "take it out and set DATABASE_POOL_TIMEOUT"),
    ])
    func `parameters of other clients have their own advice`(parameter: String, fix: String) {
        guard case .failure(let refusal) = parse("postgres://h/d?\(parameter)", .databaseURL) else {
            Issue.record("accepted")
            return
        }
        #expect(refusal.fix == fix)
    }

    @Test func `sqlite::memory: is in memory`() {
        #expect(value("sqlite::memory:", .databaseURL) == .location(.memory))
    }

    @Test(arguments: [
        ("mysql://h/d", SettingsProblem.Code.invalidValue, "must begin with sqlite: or postgres://"),
        ("app.db", .invalidValue, "must begin with sqlite: or postgres://"),
        ("postgres:h/d", .invalidValue, "must begin with postgres://"), ("postgres:/h/d", .invalidValue, "must begin with postgres://"),
        ("postgres://u:%zz@h/d", .invalidValue, "is no connection URI that PostgreSQL's client library can read"),
        ("postgres://u:secret/x@h/d", .invalidValue, "has a port that is no number from 1 to 65535"),
        ("postgres://h:0/d", .invalidValue, "has a port that is no number from 1 to 65535"),
        ("postgres://h:5432,i:65536/d", .invalidValue, "has a port that is no number from 1 to 65535"),
        ("postgres://h/d?schema=public", .invalidValue, "has the parameter schema, which PostgreSQL's client library does not know"),
        ("postgres://h/d?secret", .invalidValue, "is no connection URI that PostgreSQL's client library can read"),
        ("postgres://h/d?s%20ecret=x", .invalidValue, "is no connection URI that PostgreSQL's client library can read"),
        ("sqlite:", .invalidValue, "names no file after sqlite:"),
        ("sqlite:///a", .invalidValue, "must not have // after sqlite:, which is read differently everywhere"),
        ("sqlite:a?mode=ro", .notSupported, "has parameters after ?, which are not supported in this version"),
        ("sqlite::memory", .invalidValue, "must name a file or be sqlite::memory:"),
        ("sqlite:file:a", .invalidValue, "must name a file or be sqlite::memory:"), ("sqlite:data/", .invalidValue, "names a folder"),
    ])
    func `other database URLs are refused`(text: String, code: SettingsProblem.Code, detail: String) {
        guard case .failure(let refusal) = parse(text, .databaseURL) else {
            Issue.record("accepted")
            return
        }
        #expect(refusal.code == code)
        #expect(refusal.detail == detail)
    }
}
