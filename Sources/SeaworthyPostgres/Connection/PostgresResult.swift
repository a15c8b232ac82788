import CPostgreSQL

/// What libpq gives for one step, freed with the last reference.
final class PostgresResult {
    let handle: OpaquePointer
    let status: ExecStatusType
    /// Texts that the server does not send as such, kept until the row is left.
    private var texts: [Int: UnsafeMutableBufferPointer<UInt8>] = [:]

    init(_ handle: OpaquePointer) {
        self.handle = handle
        status = PQresultStatus(handle)
    }

    deinit {
        leaveRow()
        PQclear(handle)
    }

    /// Gives up what was made for a row.
    func leaveRow() {
        guard !texts.isEmpty else { return }
        for buffer in texts.values { buffer.deallocate() }
        texts.removeAll(keepingCapacity: true)
    }

    /// Keeps a column's text until ``leaveRow()``, the same for whoever asks again.
    func keep(_ text: [UInt8], for column: Int) -> UnsafeBufferPointer<UInt8> {
        if let known = texts[column] { return UnsafeBufferPointer(start: known.baseAddress, count: text.count) }
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(text.count, 1))
        _ = buffer.initialize(from: text)
        texts[column] = buffer
        return UnsafeBufferPointer(start: buffer.baseAddress, count: text.count)
    }

    var rowCount: Int { Int(PQntuples(handle)) }
    var columnCount: Int { Int(PQnfields(handle)) }

    /// How many rows a statement changed; 0 for one that changes none by its nature.
    var changedCount: Int {
        guard let text = PQcmdTuples(handle) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    /// The types of a prepared statement's parameters.
    var parameterTypes: [Oid] { (0..<PQnparams(handle)).map { PQparamtype(handle, $0) } }

    /// A part of what the server says of a refusal.
    enum Field {
        case state, message, detail, table, column, function

        fileprivate var code: Int32 {
            let code =
                switch self {
                case .state: seaworthy_postgres_sqlstate
                case .message: seaworthy_postgres_message
                case .detail: seaworthy_postgres_detail
                case .table: seaworthy_postgres_table
                case .column: seaworthy_postgres_column
                case .function: seaworthy_postgres_function
                }
            return Int32(code)
        }
    }

    func field(_ field: Field) -> String? {
        PQresultErrorField(handle, field.code).map { String(cString: $0) }
    }

    /// The plan of a prepared statement no longer fits the tables.
    var isStalePlan: Bool { field(.state) == "0A000" && field(.function) == "RevalidateCachedQuery" }

    var errorMessage: String {
        PQresultErrorMessage(handle).map { String(cString: $0) } ?? ""
    }
}

/// The types that have a form of their own; their numbers never change. <https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat>
enum TypeOID {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let oid: Oid = 26
    static let float4: Oid = 700
    static let float8: Oid = 701
    static let date: Oid = 1082
    static let timestamp: Oid = 1114
    static let timestamptz: Oid = 1184
    static let numeric: Oid = 1700
    static let uuid: Oid = 2950
    static let jsonb: Oid = 3802
}
