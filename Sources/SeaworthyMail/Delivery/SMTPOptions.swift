import CCurl

/// Sets options of a handle, and remembers the first that was not taken.
final class SMTPOptions {
    let handle: UnsafeMutableRawPointer
    private(set) var failure: CURLcode?

    init(_ handle: UnsafeMutableRawPointer) {
        self.handle = handle
    }

    func set(_ option: CURLoption, _ number: Int) {
        check(seaworthy_curl_set_number(handle, option, number))
    }

    /// nil where the option is to have no value.
    func set(_ option: CURLoption, _ text: String?) {
        check(seaworthy_curl_set_text(handle, option, text))
    }

    func check(_ code: CURLcode) {
        if failure == nil, code != CURLE_OK { failure = code }
    }
}

extension Duration {
    /// Whole milliseconds, at least one: to libcurl nothing means no bound.
    var milliseconds: Int {
        let parts = components
        return max(1, Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000))
    }
}
