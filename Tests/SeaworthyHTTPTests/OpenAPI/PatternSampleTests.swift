import SeaworthySchema
import Testing

@testable import SeaworthyHTTP

@Suite struct `A sample of a pattern` {
    @Test(arguments: [
        "^[A-Z0-9]{5}$", "^[0-9]*$", "^[0-9A-Z ]+$", "^(ab|cd)+x?$", "^\\d{2}-\\w+\\.$", "^a.c$", "^(?:no)?$", "^[A-Z]{2}[0-9]{1,4}$",
        "x|y",
    ])
    func `matches it`(source: String) throws {
        let pattern = try Pattern(source)
        let samples = PatternSample.texts(of: source)
        #expect(!samples.isEmpty && samples.allSatisfy(pattern.matches))
    }

    @Test func `takes the first of every choice and the least of every repetition`() {
        #expect(PatternSample.texts(of: "^(ab|cd){2}[x-z]{3,9}\\d+e*$") == ["ababxxx0e", "ababxxx0"])
    }

    @Test(arguments: ["^[^a]$", "^\\p{L}$", "^\\u0041$", "a)", "^a{500}$", "(a"])
    func `is none of what is not simple`(source: String) {
        #expect(PatternSample.texts(of: source).isEmpty)
    }
}
