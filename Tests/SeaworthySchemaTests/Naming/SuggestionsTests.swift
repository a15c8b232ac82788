import SeaworthySchema
import Testing

struct SuggestionsTests {
    @Test(
        arguments: [
            ("requird", "required"), ("Required", "required"), ("pattren", "pattern"), ("reqired", "required"), ("desc", "description"),
            ("ma", "max"), ("zzzz", nil), ("de", nil), ("requi", "required"),
        ] as [(String, String?)])
    func `the nearest name is within two edits or begins alike`(_ name: String, _ nearest: String?) {
        #expect(["required", "pattern", "description", "max"].nearest(to: name) == nearest)
    }

    @Test(arguments: [
        ("", "", 0), ("abc", "abc", 0), ("abc", "ABC", 0), ("abc", "abd", 1), ("abc", "ab", 1), ("abc", "xabc", 1),
        ("kitten", "sitting", 3), ("", "abc", 3),
    ])
    func `the distance counts insertions, deletions and replacements`(_ left: String, _ right: String, _ distance: Int) {
        #expect(left.editDistance(to: right) == distance)
        #expect(right.editDistance(to: left) == distance)
    }
}
