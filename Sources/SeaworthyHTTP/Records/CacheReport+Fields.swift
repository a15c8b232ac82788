import HTTPTypes
import SeaworthyData
import SeaworthyStorage

extension CacheReport {
    /// `X-Cache`, and for what was kept its `Age` (RFC 9111, 5.1). Caches on the way may keep it and have to ask before they use it: they cannot be
    /// told of changes.
    func write(into fields: inout HTTPFields, _ exchange: HTTPExchange) {
        fields[.xCache] = outcome.rawValue.uppercased()
        if outcome == .hit || outcome == .stale { fields[.age] = String(age) }
        // What somebody may see is for nobody else: the pipeline says so of whoever is known.
        if !exchange.isIdentified { fields[.cacheControl] = "no-cache" }
    }
}
