import CPostgreSQL
import SeaworthySchema
import SeaworthyStorage

/// A row of a result in binary form. <https://www.postgresql.org/docs/15/protocol-overview.html#PROTOCOL-FORMAT-CODES>
///
/// In the terms of ``Row``: a timestamp is an integer, microseconds since 1970; a numeric is one, scaled by its own digits behind the point;
/// a date and a UUID are text.
struct PostgresRow: Row {
    let result: PostgresResult
    let index: Int32

    var columnCount: Int { result.columnCount }

    private func type(_ column: Int) -> Oid { PQftype(result.handle, Int32(column)) }

    func isNull(_ column: Int) -> Bool {
        PQgetisnull(result.handle, index, Int32(column)) != 0
    }

    func bytes(_ column: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(result.handle, index, Int32(column)), count: Int(PQgetlength(result.handle, index, Int32(column))))
    }

    func integer(_ column: Int) -> Int64 {
        let bytes = bytes(column)
        return switch type(column) {
        case TypeOID.int8: bytes.bigEndian(Int64.self)
        case TypeOID.int4: Int64(bytes.bigEndian(Int32.self))
        case TypeOID.oid: Int64(bytes.bigEndian(UInt32.self))
        case TypeOID.int2: Int64(bytes.bigEndian(Int16.self))
        case TypeOID.bool: bytes.first == 1 ? 1 : 0
        case TypeOID.timestamptz, TypeOID.timestamp: PostgresTime.microseconds(sinceEpochOfServer: bytes.bigEndian(Int64.self))
        case TypeOID.numeric: PostgresNumeric.scaled(bytes)
        case TypeOID.float8, TypeOID.float4: Int64(exactly: double(column).rounded(.towardZero)) ?? 0
        default: Int64(text(column)) ?? 0
        }
    }

    func double(_ column: Int) -> Double {
        let bytes = bytes(column)
        return switch type(column) {
        case TypeOID.float8: Double(bitPattern: bytes.bigEndian(UInt64.self))
        case TypeOID.float4: Double(Float(bitPattern: bytes.bigEndian(UInt32.self)))
        case TypeOID.numeric: PostgresNumeric.double(bytes)
        default: Double(integer(column))
        }
    }

    func utf8(_ column: Int) -> UnsafeBufferPointer<UInt8> {
        let bytes = bytes(column)
        guard !isNull(column) else { return UnsafeBufferPointer(start: nil, count: 0) }
        switch type(column) {
        case TypeOID.jsonb: return bytes.dropFirst().asUTF8
        case TypeOID.date: return keep(PostgresTime.date(daysSinceEpochOfServer: bytes.bigEndian(Int32.self)), for: column)
        case TypeOID.uuid: return keep(Self.uuid(bytes), for: column)
        case TypeOID.int8, TypeOID.int4, TypeOID.int2, TypeOID.oid, TypeOID.bool, TypeOID.numeric, TypeOID.timestamptz, TypeOID.timestamp:
            return keep(Array(String(integer(column)).utf8), for: column)
        default: return bytes[...].asUTF8
        }
    }

    func value(_ column: Int) -> Value {
        guard !isNull(column) else { return .null }
        return switch type(column) {
        case TypeOID.int8, TypeOID.int4, TypeOID.int2, TypeOID.oid, TypeOID.bool, TypeOID.numeric, TypeOID.timestamptz, TypeOID.timestamp:
            .integer(integer(column))
        case TypeOID.float8, TypeOID.float4: .double(double(column))
        case TypeOID.bytea: .bytes(Array(bytes(column)))
        default: .text(text(column))
        }
    }

    private func keep(_ text: [UInt8], for column: Int) -> UnsafeBufferPointer<UInt8> {
        result.keep(text, for: column)
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func uuid(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }
}

extension UnsafeRawBufferPointer {
    /// The integer of these bytes, the most significant first; 0 when they are too few.
    func bigEndian<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int = 0) -> Number {
        guard offset + MemoryLayout<Number>.size <= count else { return 0 }
        return Number(bigEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate var asUTF8: UnsafeBufferPointer<UInt8> {
        UnsafeRawBufferPointer(rebasing: self).assumingMemoryBound(to: UInt8.self)
    }
}
