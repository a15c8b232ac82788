import SeaworthySchema

/// A model whose names and descriptions hold what means something in the documents made from it.
enum AwkwardSchema {
    static let hostile = "a | b\n# c `d` \"e\" <img src=x onerror=alert(1)> %%{init: {}}%% \\ *f* [g](h) $i$ #1;"

    static var schema: Schema {
        var schema = Schema(name: "awk|ward_", entities: [one, klass])
        schema.entities[1].references = [
            Reference(name: "head", inverse: "rooms", target: "One", fields: [0, 1], onDelete: .cascade),
            Reference(name: "half", inverse: nil, target: "One", fields: [0, 2]),
            Reference(name: "next", inverse: nil, target: "Class", fields: [2], onDelete: .setNull),
            Reference(name: "twin", inverse: "of", target: "Class", fields: [3], onDelete: .restrict),
        ]
        return schema
    }

    /// A key of two parts; every type of comment.
    private static let one = Entity(
        name: "One", table: "one|s", path: "ones", description: hostile, key: [0, 1],
        fields: [
            Field(name: "UK", column: "UK", type: .string, description: hostile),
            Field(name: "pk", column: "a`b", type: .enum(["x|y", "z\"", "`"])),
            Field(name: "first name", column: "first name", type: .array(.decimal(precision: 9, scale: 2))),
            Field(name: "9lives", column: "9lives", type: .text, defaultValue: .value(.text("|")), maxLength: 3, minLength: 3),
        ])

    /// Its name is a word of Mermaid's.
    private static let klass = Entity(
        name: "Class", table: "classes", path: "classes", key: [4],
        fields: [
            Field(name: "a", column: "a", type: .string, isRequired: true),
            Field(name: "b", column: "b", type: .enum(["x|y"]), isRequired: true),
            Field(name: "c", column: "c", type: .integer),
            Field(name: "d", column: "d", type: .integer),
            Field(name: "id", column: "id", type: .integer, isGenerated: true),
        ],
        unique: [[3], [0, 1, 2]])
}
