package import SeaworthySchema

/// One row of a result, read where the driver has it. Valid only during the call that hands it over.
package protocol Row {
    var columnCount: Int { get }
    func isNull(_ column: Int) -> Bool
    /// The column as a 64-bit integer; 0 when null.
    func integer(_ column: Int) -> Int64
    /// The column as a double; 0 when null.
    func double(_ column: Int) -> Double
    /// The column's text as UTF-8; empty when null. The pointer is valid until the row is left.
    func utf8(_ column: Int) -> UnsafeBufferPointer<UInt8>
    /// The column's bytes; empty when null. The pointer is valid until the row is left.
    func bytes(_ column: Int) -> UnsafeRawBufferPointer
    /// The column in whatever form the database stored it.
    func value(_ column: Int) -> Value
}

extension Row {
    package func text(_ column: Int) -> String {
        String(decoding: utf8(column), as: UTF8.self)
    }
}
