import CSQLite
import SeaworthySchema

/// Memory for the texts and bytes of one statement's parameters, used again for the next: SQLite would otherwise allocate and free
/// a copy of each. What is bound stays valid until the next ``bind(_:to:)`` of the connection; every run binds all parameters anew.
final class ParameterArena {
    private static let usualBytes = 4_096
    private static let keptBytes = 64 * 1_024

    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: usualBytes, alignment: 1)

    deinit {
        memory.deallocate()
    }

    /// Whether a large parameter made the arena larger than what is kept.
    var isLarge: Bool { memory.count > Self.keptBytes }

    func shrink() {
        memory.deallocate()
        memory = .allocate(byteCount: Self.usualBytes, alignment: 1)
    }

    /// Binds `values` to the parameters `?1`, `?2`, ….
    ///
    /// - Returns: SQLite's code.
    func bind(_ values: UnsafeBufferPointer<Value>, to statement: OpaquePointer) -> Int32 {
        reserve(for: values)
        var free = memory.baseAddress.map { UnsafeMutableRawPointer($0) }
        for index in values.indices {
            let parameter = Int32(truncatingIfNeeded: index + 1)
            let code: Int32
            switch values[index] {
            case .null:
                code = sqlite3_bind_null(statement, parameter)
            case .integer(let value):
                code = sqlite3_bind_int64(statement, parameter, value)
            case .double(let value):
                code = sqlite3_bind_double(statement, parameter, value)
            case .text(var value):
                // A nil destructor is SQLITE_STATIC: the memory stays while the statement runs.
                code = value.withUTF8 { bytes in
                    let copy = Self.copy(UnsafeRawBufferPointer(bytes), to: &free)
                    let characters = copy?.assumingMemoryBound(to: CChar.self)
                    return sqlite3_bind_text64(statement, parameter, characters, UInt64(bytes.count), nil, UInt8(SQLITE_UTF8))
                }
            case .bytes(let value):
                code = value.withUnsafeBytes { bytes in
                    sqlite3_bind_blob64(statement, parameter, Self.copy(bytes, to: &free), UInt64(bytes.count), nil)
                }
            }
            if code != SQLITE_OK { return code }
        }
        return SQLITE_OK
    }

    /// - Returns: where the bytes are now; never nil for empty ones, which SQLite would take for NULL.
    private static func copy(_ bytes: UnsafeRawBufferPointer, to free: inout UnsafeMutableRawPointer?) -> UnsafeRawPointer? {
        guard let start = free else { return nil }
        if let source = bytes.baseAddress { start.copyMemory(from: source, byteCount: bytes.count) }
        free = start + bytes.count
        return UnsafeRawPointer(start)
    }

    private func reserve(for values: UnsafeBufferPointer<Value>) {
        var needed = 0
        for value in values {
            switch value {
            case .text(let text): needed += text.utf8.count
            case .bytes(let bytes): needed += bytes.count
            case .null, .integer, .double: break
            }
        }
        // One byte more: the pointer of an empty text at the end still lies inside.
        if needed >= memory.count {
            memory.deallocate()
            memory = .allocate(byteCount: max(needed + 1, 2 * Self.usualBytes), alignment: 1)
        }
    }
}
