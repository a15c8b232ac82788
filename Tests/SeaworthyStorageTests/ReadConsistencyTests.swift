import SeaworthyStorage
import Testing

@Suite struct ReadConsistencyTests {
    @Test func `a token stands for the place it was made of`() throws {
        let writing = ReadConsistency(isReading: false)
        #expect(writing.token == nil)
        #expect(!writing.allowsReplicas)
        writing.wrote(0x16_B374_D848)
        writing.wrote(0x16_B374_0000)
        let token = try #require(writing.token)
        let reading = ReadConsistency(isReading: true, tokens: [Substring(token)])
        #expect(reading.allowsReplicas)
        #expect(reading.position == 0x16_B374_D848)
    }

    @Test func `of several tokens the latest counts`() {
        #expect(ReadConsistency(isReading: true, tokens: ["1.a", "1.ff", "1.b"]).position == 255)
        #expect(ReadConsistency(isReading: true, tokens: ["1.ffffffffffffffff"]).position == .max)
    }

    @Test func `without a token any replica will do`() {
        let reading = ReadConsistency(isReading: true)
        #expect(reading.allowsReplicas)
        #expect(reading.position == 0)
    }

    @Test(arguments: ["", "1.", "2.ff", "ff", "1.x", "1.+f", "1.-1", "1.10000000000000000", "1.ff;"])
    func `a token that cannot be read leads to the primary`(token: String) {
        #expect(!ReadConsistency(isReading: true, tokens: ["1.a", Substring(token)]).allowsReplicas)
    }
}
