/// What a metric is to Prometheus, as `# TYPE` has it.
enum MetricKind: String, Sendable {
    /// Only grows, and begins at zero with the process.
    case counter
    /// A value as it is now.
    case gauge
    /// How many values were how large.
    case histogram

    /// The names of the samples that a metric of this kind has: no other metric may have one of them.
    func sampleNames(of name: String) -> [String] {
        self == .histogram ? [name, name + "_bucket", name + "_sum", name + "_count"] : [name]
    }
}
