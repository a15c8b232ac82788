import FoundationEssentials

extension FieldType {
    /// Writes the value in its JSON form.
    package func write(_ value: Value, into output: inout [UInt8]) {
        switch (self, value) {
        case (_, .null): output.write("null")
        case (.boolean, .integer(let number)): output.write(number == 0 ? "false" : "true")
        case (.integer, .integer(let number)): output.write(integer: number)
        case (.double, .integer(let number)): output.write(double: Double(number))
        case (.decimal(_, let scale), .integer(let number)): quoted(&output) { $0.write(decimal: number, scale: scale) }
        case (.timestamp, .integer(let number)): quoted(&output) { $0.write(timestamp: number) }
        case (_, .integer(let number)): quoted(&output) { $0.write(integer: number) }
        case (_, .double(let number)): output.write(double: number)
        case (.json, .text(let text)), (.array, .text(let text)): output.writeVerbatim(text)
        case (_, .text(let text)): output.writeQuoted(text)
        case (_, .bytes(let bytes)): quoted(&output) { $0.writeVerbatim(Data(bytes).base64EncodedString()) }
        }
    }

    private func quoted(_ output: inout [UInt8], _ body: (inout [UInt8]) -> Void) {
        output.append(UInt8(ascii: "\""))
        body(&output)
        output.append(UInt8(ascii: "\""))
    }

    /// The value's JSON form.
    package func json(_ value: Value) -> JSONValue {
        var bytes: [UInt8] = []
        write(value, into: &bytes)
        // What was written above is JSON; a `json` field that something else wrote into the database may not be, and is shown as text.
        let text = String(decoding: bytes, as: UTF8.self)
        return (try? JSONParser.parse(text)) ?? .string(text)
    }
}
