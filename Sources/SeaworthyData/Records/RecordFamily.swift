/// The collections of one store, for what one of them has to ask of another.
// @unchecked Sendable: `collections` is set once, before the store is given to anyone.
final class RecordFamily: @unchecked Sendable {
    /// By the entity's position.
    private(set) var collections: [RecordCollection] = []

    func set(_ collections: [RecordCollection]) {
        self.collections = collections
    }
}
