import SeaworthySchema

/// What every key of an application begins with: several applications may share a Redis, and access lists name what each may see.
package enum RedisKeys {
    /// `seaworthy:NAME:`. Nothing in it is a brace, by which a cluster would keep all keys in one place.
    package static func prefix(_ application: String) -> String { "seaworthy:\(application.percentEncoded):" }

    /// The same for keys that a cluster has to keep in one place, since one script goes over several of them.
    static func taggedPrefix(_ application: String) -> String { "seaworthy:{\(application.percentEncoded)}:" }
}
