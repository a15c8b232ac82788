import SeaworthySchema
import Testing

@Suite struct TextValueTests {
    @Test func `a UUID is kept in lower case`() {
        let lower = "018f4e3a-7b2c-7def-8abc-0123456789ab"
        #expect(FieldType.uuid.outcome(.string(lower)) == .text(lower))
        #expect(FieldType.uuid.outcome(.string(lower.uppercased())) == .text(lower))
        for text in [
            "", String(lower.dropLast()), lower + "0", lower.replacing("-", with: ""), "{" + lower + "}", lower.replacing("a", with: "g"),
            "018f4e3a7-b2c-7def-8abc-0123456789ab", lower.replacing("0", with: "-"),
        ] {
            #expect(FieldType.uuid.outcome(.string(text)) == .refused(.invalidFormat), "\(text)")
        }
    }

    @Test func `bytes are base64 with padding and nothing besides`() {
        for (text, bytes): (String, [UInt8]) in [
            ("", []), ("YQ==", [0x61]), ("YWI=", [0x61, 0x62]), ("YWJj", [0x61, 0x62, 0x63]), ("+/8=", [0xFB, 0xFF]), ("AAAA", [0, 0, 0]),
        ] {
            #expect(FieldType.bytes.outcome(.string(text)) == .value(.bytes(bytes)), "\(text)")
            #expect(FieldType.bytes.json(.bytes(bytes)) == .string(text))
        }
        for text in [
            "YQ", "YQ=", "YWI", "YWJj\n", " YWJj", "YW Jj", "-_8=", "YQ==YQ==", "====", "YQ======", "A===", "=AAA", "=", "Y", "YQ==x", "é",
            "YQ\u{0}=",
        ] {
            #expect(FieldType.bytes.outcome(.string(text)) == .refused(.invalidFormat), "\(text)")
        }
    }

    @Test func `an enum's values are compared by bytes`() {
        let type = FieldType.enum(["caf\u{E9}", "open"])
        #expect(type.outcome("caf\u{E9}") == .text("caf\u{E9}"))
        #expect(type.outcome("cafe\u{301}") == .refused(.notAllowed))
        #expect(type.outcome("OPEN") == .refused(.notAllowed))
        #expect(type.outcome("") == .refused(.notAllowed))
        #expect(Value.text("caf\u{E9}") != .text("cafe\u{301}"))
        #expect(Set([Value.text("caf\u{E9}"), .text("cafe\u{301}"), .text("caf\u{E9}")]).count == 2)
    }

    @Test func `U+0000 is refused in text, at any place`() {
        for text in ["\0", "a\0", "\0a", "a\0\u{301}"] {
            #expect(FieldType.string.outcome(.string(text)) == .refused(.nulCharacter))
            #expect(FieldType.text.outcome(.string(text)) == .refused(.nulCharacter))
            #expect(FieldType.array(.string).outcome([.string(text)]) == .refused(.nulCharacter))
        }
        #expect(FieldType.url.outcome("http://a/\0") == .refused(.invalidFormat))
        #expect(FieldType.email.outcome("a\0@b.c") == .refused(.invalidFormat))
        #expect(FieldType.string.outcome("\u{1}\u{7F}") == .text("\u{1}\u{7F}"))
    }

    @Test func `U+0000 is refused within JSON, where it hides as an escape`() throws {
        for text in [#""\u0000""#, #"{"a\u0000":1}"#, #"[["x\u0000y"]]"#, #""\\\u0000""#, #""\"\u0000""#, "\"\\u0000\u{301}\""] {
            #expect(FieldType.json.outcome(try JSONParser.parse(text)) == .refused(.nulCharacter), "\(text)")
            #expect(FieldType.json.outcome(ofText: text) == .refused(.nulCharacter), "\(text)")
        }
        for text in [#""\\u0000""#, #""\\\\u0000""#, #""\u0001""#, #""u0000""#] {
            #expect(FieldType.json.outcome(try JSONParser.parse(text)) == .text(text), "\(text)")
        }
    }

    @Test func `JSON keeps the order of its members and the digits of its numbers`() throws {
        let json = try JSONParser.parse(#" { "b" : 1.50 , "a" : [ 1e2 , null ] , "ä" : "\u00e4" } "#)
        #expect(FieldType.json.outcome(json) == .text(#"{"b":1.50,"a":[1e2,null],"ä":"ä"}"#))
        #expect(FieldType.json.json(.text(#"{"b":1.50,"a":[1e2,null],"ä":"ä"}"#)) == json)
        #expect(FieldType.json.outcome(ofText: "{") == .refused(.invalidFormat))
        #expect(FieldType.json.json(.text("not json")) == "not json")
    }

    @Test func `an array keeps the canonical form of each element`() {
        let uuid = "018F4E3A-7B2C-7DEF-8ABC-0123456789AB"
        #expect(FieldType.array(.string).outcome([]) == .text("[]"))
        #expect(FieldType.array(.string).outcome(["b", "a\"", "b"]) == .text(#"["b","a\"","b"]"#))
        #expect(FieldType.array(.integer).outcome([.number("1.0"), .number("1e2")]) == .text("[1,100]"))
        #expect(FieldType.array(.bigint).outcome(["9223372036854775807", 1]) == .text(#"["9223372036854775807","1"]"#))
        #expect(FieldType.array(.decimal(precision: 5, scale: 2)).outcome([.number("1.5"), "2"]) == .text(#"["1.50","2.00"]"#))
        #expect(FieldType.array(.boolean).outcome([true, false]) == .text("[true,false]"))
        #expect(FieldType.array(.double).outcome([.number("1.0"), .number("1e21")]) == .text("[1,1e+21]"))
        #expect(FieldType.array(.timestamp).outcome(["1970-01-01T01:00:00+01:00"]) == .text(#"["1970-01-01T00:00:00.000000Z"]"#))
        #expect(FieldType.array(.uuid).outcome([.string(uuid)]) == .text("[\"\(uuid.lowercased())\"]"))
        #expect(FieldType.array(.integer).outcome([1, nil]) == .refused(.wrongType))
        #expect(FieldType.array(.integer).outcome([1, "1"]) == .refused(.wrongType))
        #expect(FieldType.array(.integer).outcome([1, [2]]) == .refused(.wrongType))
        #expect(FieldType.array(.date).outcome(["2023-02-29"]) == .refused(.invalidFormat))
        #expect(FieldType.array(.integer).outcome(ofText: "[1,2]") == .text("[1,2]"))
        #expect(FieldType.array(.integer).outcome(ofText: "1,2") == .refused(.invalidFormat))
        #expect(FieldType.array(.integer).outcome(ofText: "1") == .refused(.wrongType))
    }

    @Test func `an e-mail address has one at sign and a domain`() {
        let long = String(repeating: "a", count: 64)
        let label = String(repeating: "b", count: 63)
        for text in ["a@b", "a.b+c@example.com", "jörg@müller.de", "a@1.2", long + "@b.c", "a@" + label + ".c", "a@x-y.z"] {
            #expect(FieldType.email.outcome(.string(text)) == .text(text), "\(text)")
        }
        for text in [
            "", "a", "@b", "a@", "a@@b", "a@b@c", "a b@c", "a@b..c", "a@.b", "a@b.", "a@-b", "a@b-", "a@b_c", "a\n@b", "a@b\u{7F}",
            long + "a@b.c", "a@" + label + "b.c",
        ] {
            #expect(FieldType.email.outcome(.string(text)) == .refused(.invalidFormat), "\(text)")
        }
        let domain = [label, label, label].joined(separator: ".")
        let rest = 254 - domain.utf8.count - 2
        #expect(FieldType.email.outcome(.string(String(repeating: "a", count: rest) + "@" + domain + ".")) == .refused(.invalidFormat))
        let longest = String(repeating: "a", count: 254 - domain.utf8.count - 1) + "@" + domain
        #expect(longest.utf8.count == 254)
        #expect(FieldType.email.outcome(.string(longest)) == .text(longest))
        #expect(FieldType.email.outcome(.string("a" + longest)) == .refused(.invalidFormat))
    }

    @Test func `a URL is absolute, with http or https and a host`() {
        for text in ["http://a", "https://a.b/c?d#e", "HTTPS://A", "http://a:80/", "https://münchen.de/ä", "http://[::1]/"] {
            #expect(FieldType.url.outcome(.string(text)) == .text(text), "\(text)")
        }
        for text in [
            "", "a", "/a", "ftp://a", "http:/a", "http://", "https:///a", "http://:80", "http://?a", "http://#a", "http://a b",
            "javascript:x",
        ] {
            #expect(FieldType.url.outcome(.string(text)) == .refused(.invalidFormat), "\(text)")
        }
    }
}
