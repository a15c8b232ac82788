import SeaworthyData
import SeaworthySchema
import Testing

/// Every type's JSON form, from the values of a create and from the columns of a read.
@Suite struct ValueOutputTests {
    static let entities = """
        Thing:
          key: Name
          fields:
            Name: { type: string, max: 20 }
            Value: { type: text }
            Email: { type: email }
            Url: { type: url }
            Integer: { type: integer }
            Bigint: { type: bigint }
            Double: { type: double }
            Decimal: { type: decimal, precision: 10, scale: 2 }
            Whole: { type: decimal, precision: 18, scale: 0 }
            Boolean: { type: boolean }
            Date: { type: date }
            Timestamp: { type: timestamp }
            Uuid: { type: uuid }
            Enum: { type: enum, values: [open, closed] }
            Json: { type: json }
            Array: { type: array, items: integer }
            Texts: { type: array, items: string }
            Bytes: { type: bytes }
          \(TestStore.open)
        """

    @Test(arguments: [
        ("Value", #""México D.F. \"q\" \\ \n\u0001 é 𝄞""#, #""México D.F. \"q\" \\ \n\u0001 é 𝄞""#),
        ("Value", #""""#, #""""#),
        ("Email", #""a.b@mail.example""#, #""a.b@mail.example""#),
        ("Url", #""https://mail.example/a?b=c""#, #""https://mail.example/a?b=c""#),
        ("Integer", "9007199254740991", "9007199254740991"),
        ("Integer", "-9007199254740991", "-9007199254740991"),
        ("Integer", "0", "0"),
        ("Bigint", #""9223372036854775807""#, #""9223372036854775807""#),
        ("Bigint", #""-9223372036854775808""#, #""-9223372036854775808""#),
        ("Bigint", "7", #""7""#),
        ("Double", "0.1", "0.1"),
        ("Double", "1e21", "1e+21"),
        ("Double", "100", "100"),
        ("Double", "-0.000001", "-0.000001"),
        ("Decimal", "12.5", #""12.50""#),
        ("Decimal", #""-0.05""#, #""-0.05""#),
        ("Decimal", #""99999999.99""#, #""99999999.99""#),
        ("Whole", #""999999999999999999""#, #""999999999999999999""#),
        ("Boolean", "true", "true"),
        ("Boolean", "false", "false"),
        ("Date", #""2024-02-29""#, #""2024-02-29""#),
        ("Timestamp", #""2024-07-04T12:30:00Z""#, #""2024-07-04T12:30:00.000000Z""#),
        ("Timestamp", #""2024-07-04T12:30:00.123456+02:00""#, #""2024-07-04T10:30:00.123456Z""#),
        ("Timestamp", #""1969-12-31T23:59:59.999999Z""#, #""1969-12-31T23:59:59.999999Z""#),
        ("Uuid", #""0190ABCD-0000-7000-8000-0123456789AB""#, #""0190abcd-0000-7000-8000-0123456789ab""#),
        ("Enum", #""closed""#, #""closed""#),
        ("Json", #"{ "b": 1.50, "a": [null, {"x": null}] }"#, #"{"b":1.50,"a":[null,{"x":null}]}"#),
        ("Json", #""text""#, #""text""#),
        ("Json", "false", "false"),
        ("Array", "[ 3, 1, 2 ]", "[3,1,2]"),
        ("Array", "[]", "[]"),
        ("Texts", #"["a\"b","ß"]"#, #"["a\"b","ß"]"#),
        ("Bytes", #""AAEC/w==""#, #""AAEC/w==""#),
        ("Bytes", #""""#, #""""#),
        ("Integer", "null", "null"),
    ])
    func `a value is written in one form, by create, read and update`(field: String, input: String, output: String) async throws {
        let store = try await TestStore(Self.entities)
        let created = try await store.create("Thing", "{\"Name\":\"A\",\"\(field)\":\(input)}")
        #expect(created.contains("\"\(field)\":\(output)"))
        #expect(try await store.read("Thing", "A", select: field) == "{\"data\":{\"\(field)\":\(output)}}")
        #expect(try await store.read("Thing", "A") == created)
        try await store.create("Thing", "{\"Name\":\"B\"}")
        #expect(try await store.update("Thing", "B", patch: "{\"\(field)\":\(input)}").contains("\"\(field)\":\(output)"))
        #expect(
            try await store.list("Thing", ["select": field, "sort": "Name", "limit": "1"]).hasPrefix("{\"data\":[{\"\(field)\":\(output)}]")
        )
    }

    @Test func `a record has all of its fields in the order of the schema, null ones as well`() async throws {
        let store = try await TestStore(Self.entities)
        let expected =
            #"{"data":{"Name":"A","Value":null,"Email":null,"Url":null,"Integer":null,"Bigint":null,"Double":null,"Decimal":null,"#
            + #""Whole":null,"Boolean":null,"Date":null,"Timestamp":null,"Uuid":null,"Enum":null,"Json":null,"Array":null,"Texts":null,"Bytes":null}}"#
        #expect(try await store.create("Thing", #"{"Name":"A"}"#) == expected)
        #expect(try await store.read("Thing", "A") == expected)
        #expect(try await store.update("Thing", "A", patch: "{}") == expected)
    }

    @Test func `values are stored in their canonical forms`() async throws {
        let store = try await TestStore(Self.entities)
        let body =
            #"{"Name":"A","Decimal":"12.5","Timestamp":"1970-01-01T00:00:01Z","Boolean":true,"Bytes":"AAE=","Double":3,"Array":[1, 2]}"#
        try await store.create("Thing", body)
        let row = try await store.rows("SELECT Decimal, Timestamp, Boolean, Bytes, Double, Array FROM things")
        #expect(row == [[.integer(1250), .integer(1_000_000), .integer(1), .bytes([0, 1]), .double(3), .text("[1,2]")]])
    }
}
