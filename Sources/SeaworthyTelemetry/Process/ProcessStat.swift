/// What is used of Linux's `/proc/self/stat` (proc(5)).
struct ProcessStat: Equatable {
    /// Since the machine began, in ticks of its clock.
    let startTicks: UInt64
    let residentPages: Int

    init?(_ text: String) {
        // The second field is the program's name in brackets, which may hold spaces and brackets itself.
        guard let end = text.utf8.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        // From here on the first is the third field.
        let fields = text[end...].dropFirst().split(separator: " ")
        guard fields.count > 21, let start = UInt64(fields[19]), let resident = Int(fields[21]) else { return nil }
        startTicks = start
        residentPages = resident
    }

    /// When the machine began, in seconds since 1970, of `/proc/stat`.
    static func bootTime(_ text: String) -> Double? {
        for line in text.split(separator: "\n") where line.hasPrefix("btime ") {
            return Double(line.dropFirst("btime ".count))
        }
        return nil
    }
}
