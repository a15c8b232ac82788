import SeededNumbers
import Testing
import Tracing

@testable import SeaworthyTelemetry

@Suite struct `The trace of a request` {
    private static let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func `traceparent is read and written`() throws {
        let context = try #require(TraceParent.parse(Self.valid))
        #expect(context.traceID.text == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.spanID.text == "00f067aa0ba902b7")
        #expect(context.isSampled && context.isRemote)
        #expect(TraceParent.text(context) == Self.valid)
    }

    @Test(arguments: [("00", false), ("01", true), ("02", false), ("03", true), ("ff", true), ("fe", false)])
    func `of its flags those that are known are kept`(flags: String, isSampled: Bool) throws {
        let context = try #require(TraceParent.parse(Self.valid.dropLast(2) + flags))
        #expect(context.isSampled == isSampled)
        #expect(
            TraceParent.text(context).hasSuffix(
                ["00": "-00", "01": "-01", "02": "-02", "03": "-03", "ff": "-03", "fe": "-02"][flags] ?? ""))
    }

    @Test func `a later version is read as far as this one goes`() throws {
        let later = "cc" + Self.valid.dropFirst(2)
        for text in [later, later + "-what-the-future-holds"] {
            #expect(try TraceParent.text(#require(TraceParent.parse(text))) == Self.valid)
        }
        #expect(TraceParent.parse(later + "x") == nil)
        #expect(TraceParent.parse(Self.valid + "-more") == nil)
    }

    @Test(arguments: [
        "", "00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-011",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01", "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g", "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        valid + "," + valid, " " + valid,
    ]) func `what is none is passed over`(text: String) {
        #expect(TraceParent.parse(text) == nil)
    }

    @Test func `no text breaks the readers, and what they take is well formed`() {
        var random = SplitMix(seed: 7)
        let letters = Array("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01,=@ \t-é\u{0}zA*/".unicodeScalars)
        for _ in 0..<20_000 {
            var scalars = Array(Self.valid.unicodeScalars)
            for _ in 0..<Int(random.next() % 4) {
                let place = Int(random.next() % UInt64(scalars.count))
                switch random.next() % 3 {
                case 0: scalars[place] = letters[Int(random.next() % UInt64(letters.count))]
                case 1: scalars.insert(letters[Int(random.next() % UInt64(letters.count))], at: place)
                default: scalars.remove(at: place)
                }
            }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            if let context = TraceParent.parse(text) {
                #expect(TraceParent.parse(TraceParent.text(context)) == context)
                #expect(text.hasPrefix("0") == false || text.utf8.count >= 55)
            }
            let state = TraceState.parse(text)
            #expect(state.utf8.count <= 512 && TraceState.parse(state) == state)
        }
    }

    @Test(arguments: [
        ("a=1", "a=1"), (" a=1 ,\tb=2\t", "a=1,b=2"), ("a=1,,b=2,", "a=1,b=2"), ("", ""), ("t61@rojo-x=v", "t61@rojo-x=v"),
        ("1a@sys=v", "1a@sys=v"), ("a_-*/9=!~ x", "a_-*/9=!~ x"),
    ]) func `tracestate is handed on`(text: String, expected: String) {
        #expect(TraceState.parse(text) == expected)
    }

    @Test(arguments: [
        "a", "=1", "a=", "A=1", "1a=1", "a=1,a=2", "a=b=c", "a@b@c=1", "@a=1", "a@=1", "a@1b=1", "a=\u{1}", "a=é", "é=a", "a b=1",
        "a@sys-name-with-15=1", String(repeating: "a", count: 257) + "=1", "a=" + String(repeating: "b", count: 257),
        (0..<33).map { "k\($0)=v" }.joined(separator: ","), String(repeating: " ", count: 2049),
        "a=" + String(repeating: "b", count: 250) + ",b=" + String(repeating: "b", count: 250) + ",c=12345",
    ]) func `tracestate that is not well formed, or too long, is passed over as a whole`(text: String) {
        #expect(TraceState.parse(text) == "")
    }

    @Test func `the bounds of tracestate are taken in full`() {
        let members = (0..<32).map { "k\($0)=v" }.joined(separator: ",")
        #expect(TraceState.parse(members) == members)
        let most = "a=" + String(repeating: "b", count: 256) + ",b=" + String(repeating: "c", count: 251)
        #expect(most.utf8.count == 512)
        #expect(TraceState.parse(most) == most)
        #expect(TraceState.parse(most + "d") == "")
    }
}
