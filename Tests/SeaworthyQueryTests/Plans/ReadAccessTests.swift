import SeaworthyQuery
import SeaworthySchema
import Testing

struct ReadAccessTests {
    private static func rule(_ text: String) -> Filter { .compare(field: FieldPath(0), .equals, .value(.text(text))) }

    /// One role sees the fields 0 and 1 of its records, the other 0 and 2 of its own.
    private let access = ReadAccess(
        [.init(rule: rule("a"), hidden: [2]), .init(rule: rule("b"), hidden: [1])], fieldCount: 3)

    @Test func `fields are seen together only where one's and the other's roles admit the record`() {
        let (a, b) = (Self.rule("a"), Self.rule("b"))
        #expect(access.condition(seeing: [0]) == nil)
        #expect(access.condition(seeing: [1]) == a)
        #expect(access.condition(seeing: [2]) == b)
        #expect(access.condition(seeing: [1, 2]) == .all([a, b]))
        #expect(access.condition(seeing: [0, 1]) == .all([.any([a, b]), a]))
        #expect(access.restriction(seeing: []) == .any([a, b]))
    }

    @Test func `a field that every role hides is in no record`() {
        let access = ReadAccess([.init(rule: Self.rule("a"), hidden: [1])], fieldCount: 2)
        #expect(!access.isVisible(1))
        #expect(access.condition(seeing: [1]) == .any([]))
        #expect(!access.isVisible(2))
    }
}
