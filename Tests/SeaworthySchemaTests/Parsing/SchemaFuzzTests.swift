import SeaworthySchema
import Testing

/// SplitMix64: the same numbers from the same seed, everywhere.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

struct SchemaFuzzTests {
    private static let inserted: [Unicode.Scalar] = Array("{}[]:,&*?|>-!%@`\"'# \n\t\u{0}\u{85}\u{2028}ä0a~".unicodeScalars)

    private static func mutate(_ text: String, with generator: inout SeededGenerator) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let index = Int.random(in: 0..<scalars.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: scalars.remove(at: index)
            case 1: scalars.insert(inserted.randomElement(using: &generator) ?? " ", at: index)
            case 2: scalars[index] = inserted.randomElement(using: &generator) ?? " "
            case 3:
                let end = min(scalars.count, index + Int.random(in: 1...40, using: &generator))
                scalars.insert(contentsOf: scalars[index..<end], at: Int.random(in: 0..<scalars.count, using: &generator))
            default: scalars.removeSubrange(index..<min(scalars.count, index + Int.random(in: 1...40, using: &generator)))
            }
        }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars)
        return String(result)
    }

    @Test func `any change of a schema either parses or gives problems inside the file`() {
        var generator = SeededGenerator(state: 20_240_704)
        var refused = 0
        for _ in 0..<500 {
            let text = Self.mutate(northwind, with: &generator)
            var lines = [0]
            for scalar in text.unicodeScalars {
                if scalar == "\n" { lines.append(0) } else { lines[lines.count - 1] += 1 }
            }
            do throws(SchemaError) {
                _ = try SchemaParser.parse(yaml: text, file: "f.yaml")
            } catch {
                refused += 1
                #expect(!error.problems.isEmpty)
                for problem in error.problems {
                    #expect((1...lines.count).contains(problem.line), "\(problem)")
                    #expect((1...(lines[problem.line - 1] + 1)).contains(problem.column), "\(problem)")
                }
                let order = error.problems.map(\.place)
                #expect(order == order.sorted())
            }
        }
        #expect(refused > 250)
    }
}
