import SeaworthySchema
import SeededNumbers
import Testing

struct SchemaFuzzTests {
    private static let inserted: [Unicode.Scalar] = Array("{}[]:,&*?|>-!%@`\"'# \n\t\u{0}\u{85}\u{2028}ä0a~".unicodeScalars)

    private static func mutate(_ text: String, with generator: inout SplitMix) -> String {
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
        var generator = SplitMix(seed: 20_240_704)
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
