#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Compares texts by the root locale's full upper case (Unicode's SpecialCasing without its conditions): `ß` is `SS`.
///
/// A text of ASCII only is read where it lies; any other goes through `String.uppercased()`.
struct FoldedText {
    let bytes: UnsafeBufferPointer<UInt8>

    var isASCII: Bool {
        var rest = UnsafeRawBufferPointer(bytes)
        while rest.count >= 8 {
            if rest.loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[8...])
        }
        return rest.allSatisfy { $0 < 0x80 }
    }

    /// The upper case of a text that is not ASCII only.
    var upperCase: String {
        String(decoding: bytes, as: UTF8.self).uppercased()
    }

    @inline(__always)
    static func upperCase(_ byte: UInt8) -> UInt8 {
        byte &- 0x61 < 26 ? byte & 0xDF : byte
    }

    /// Whether the upper case of this text holds `needle`, which is in upper case already.
    func contains(_ needle: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = needle.first else { return true }
        guard isASCII else {
            var text = upperCase
            return text.withUTF8 { Self.find(needle, in: $0) }
        }
        guard needle.count <= bytes.count else { return false }
        for start in 0...(bytes.count - needle.count)
        where Self.upperCase(bytes[start]) == first && matches(needle, at: start) {
            return true
        }
        return false
    }

    func starts(with needle: UnsafeBufferPointer<UInt8>) -> Bool {
        guard isASCII else { return upperCase.utf8.starts(with: needle) }
        return needle.count <= bytes.count && matches(needle, at: 0)
    }

    func ends(with needle: UnsafeBufferPointer<UInt8>) -> Bool {
        guard isASCII else { return upperCase.utf8.reversed().starts(with: needle.reversed()) }
        return needle.count <= bytes.count && matches(needle, at: bytes.count - needle.count)
    }

    private func matches(_ needle: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        for offset in needle.indices where Self.upperCase(bytes[start + offset]) != needle[offset] {
            return false
        }
        return true
    }

    private static func find(_ needle: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let start = text.baseAddress, let first = needle.baseAddress else { return needle.isEmpty }
        var offset = 0
        while offset + needle.count <= text.count {
            let candidates = text.count - needle.count + 1 - offset
            guard let found = memchr(start + offset, Int32(first.pointee), candidates) else { return false }
            if memcmp(found, first, needle.count) == 0 { return true }
            offset = UnsafeRawPointer(found) - UnsafeRawPointer(start) + 1
        }
        return false
    }
}
