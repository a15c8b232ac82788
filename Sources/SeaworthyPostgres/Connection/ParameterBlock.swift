import CPostgreSQL
import SeaworthySchema
import SeaworthyStorage

/// The parameters of one statement in the form in which libpq takes them.
struct ParameterBlock {
    private var bytes: [UInt8] = []
    /// Where each begins; -1 for null.
    private var starts: [Int] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    init() {}

    /// - Parameter types: what the server takes each for.
    /// - Throws: ``StorageError`` `failed` when their number differs, `typeMismatch` for a value that the type does not have.
    init(_ values: ArraySlice<Value>, types: [Oid]) throws(StorageError) {
        try fill(values, types: types)
    }

    /// Takes other values in place of those before, in the memory that is there.
    ///
    /// - Throws: as ``init(_:types:)``.
    mutating func fill(_ values: ArraySlice<Value>, types: [Oid]) throws(StorageError) {
        guard values.count == types.count else {
            throw StorageError(.failed, message: "the statement takes \(types.count) parameters; \(values.count) were given")
        }
        bytes.removeAll(keepingCapacity: bytes.count < Self.largestKept)
        starts.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        for (value, type) in zip(values, types) {
            let start = bytes.count
            let isBinary = try append(value, as: type)
            starts.append(value.isNull ? -1 : start)
            lengths.append(Int32(clamping: bytes.count - start))
            formats.append(isBinary ? 1 : 0)
            // A terminating zero, which libpq wants of texts.
            bytes.append(0)
        }
    }

    /// Bytes up to which memory is kept for the next values.
    private static let largestKept = 65_536

    /// - Returns: whether the value stands in binary form.
    private mutating func append(_ value: Value, as type: Oid) throws(StorageError) -> Bool {
        switch (value, type) {
        case (.null, _): return true
        case (.integer(let number), TypeOID.int8): append(number)
        case (.integer(let number), TypeOID.timestamptz), (.integer(let number), TypeOID.timestamp):
            guard let time = PostgresTime.sinceEpochOfServer(microseconds: number) else { throw Self.mismatch("a time") }
            append(time)
        case (.integer(let number), TypeOID.bool):
            guard number == 0 || number == 1 else { throw Self.mismatch("a boolean") }
            bytes.append(UInt8(number))
        case (.integer(let number), _):
            // The server reads the digits as whatever it wants here, and says so when they are too many.
            bytes += String(number).utf8
            return false
        case (.double(let number), TypeOID.float8): append(Int64(bitPattern: (number == 0 ? 0 : number).bitPattern))
        case (.double(let number), _):
            bytes += String(number).utf8
            return false
        case (.text(let text), TypeOID.date):
            guard let days = PostgresTime.daysSinceEpochOfServer(text) else {
                bytes += text.utf8
                return false
            }
            append(days)
        case (.text, TypeOID.bytea): throw Self.mismatch("bytes")
        case (.text(let text), _):
            bytes += text.utf8
            return false
        case (.bytes, _) where type != TypeOID.bytea: throw Self.mismatch("what the statement takes, but bytes")
        case (.bytes(let content), _):
            bytes += content
        }
        return true
    }

    private static func mismatch(_ what: String) -> StorageError {
        StorageError(.typeMismatch, message: "a value is not \(what)")
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
    }

    /// Hands over pointers that are valid during the call.
    func withPointers<Result>(
        _ body: (_ count: Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { memory in
            let start = memory.baseAddress?.assumingMemoryBound(to: CChar.self)
            return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: starts.count) { pointers in
                for (index, offset) in starts.enumerated() {
                    pointers.initializeElement(at: index, to: offset < 0 ? nil : start.map { $0 + offset })
                }
                return lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(Int32(starts.count), UnsafePointer(pointers.baseAddress), lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}
