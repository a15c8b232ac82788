package import NIOCore

/// What was asked, as far as the answer depends on it: a digest.
package struct CacheKey: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// Something that answers depend on, and that changes.
package struct CacheTag: Sendable, Hashable {
    package let name: String
    /// Whether there is one for each record, so that they are many and soon forgotten.
    package let isOfOneRecord: Bool

    private init(_ name: String, isOfOneRecord: Bool = false) {
        self.init(named: name, isOfOneRecord: isOfOneRecord)
    }

    /// One that was written down.
    package init(named name: String, isOfOneRecord: Bool) {
        self.name = name
        self.isOfOneRecord = isOfOneRecord
    }

    /// Any record of an entity: for what was made of many.
    package static func entity(_ name: String) -> CacheTag { CacheTag(name) }

    /// Records of an entity that nobody can name: for what was made of one.
    package static func unnamed(_ name: String) -> CacheTag { CacheTag(name + "/*") }

    /// One record.
    ///
    /// - Parameter digest: of its key.
    package static func record(_ name: String, digest: String) -> CacheTag { CacheTag(name + "/" + digest, isOfOneRecord: true) }

    /// Anything at all: for what was made by a view, of which nobody knows what it reads.
    package static let anything = CacheTag("*")
}

/// How some tags were at one moment: a number for each that it never has again once it has changed.
package struct CacheVersion: Sendable, Hashable {
    package let numbers: [UInt64]

    package init(_ numbers: [UInt64]) {
        self.numbers = numbers
    }
}

/// An answer that was kept.
package struct CacheEntry: Sendable, Equatable {
    package var body: ByteBuffer
    /// What it depends on.
    package var tags: [CacheTag]
    /// How that was before the answer was made.
    package var version: CacheVersion
    /// When it was made, in microseconds since the epoch.
    package var made: Int64

    package init(body: ByteBuffer, tags: [CacheTag], version: CacheVersion, made: Int64) {
        self.body = body
        self.tags = tags
        self.version = version
        self.made = made
    }
}

/// Keeps answers until what they depend on changes. `CacheContract` says what each owes.
///
/// A reader asks for the version of the tags first and makes the answer then; a writer changes the tags after its commit and before its own
/// answer. So whatever was made before a write has another version than what is asked for after it, however slow its maker was.
package protocol CacheStore: Sendable {
    /// What is at hand without asking anybody. Its version has to be compared.
    func known(_ key: CacheKey) -> CacheEntry?

    /// How the tags are now, and what others have kept, in one round trip.
    ///
    /// - Parameters:
    ///   - key: nil where only the version is wanted.
    ///   - lifetime: how long tags of one record are needed.
    /// - Returns: nil where that is not known: then nothing that was kept may be used, and nothing can be kept.
    func version(of tags: [CacheTag], with key: CacheKey?, lifetime: Duration) async -> (version: CacheVersion, entry: CacheEntry?)?

    /// Keeps an answer for so long. Waits for nobody.
    func keep(_ entry: CacheEntry, as key: CacheKey, for lifetime: Duration)

    /// Gives the tags other versions. When this returns, no reader gets what was made before, unless the store is away.
    func change(_ tags: [CacheTag]) async
}
