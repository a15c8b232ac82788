/// How a column of another type than this server makes is read and written as a value of its field: a column of an enum type as text, a
/// `timestamp without time zone` as a time in UTC.
///
/// A database that was made elsewhere has such columns. They are found when it is opened; nothing of this stands in the schema file.
package struct ColumnForm: Sendable, Equatable {
    /// What stands before and behind an expression to make it another one.
    package struct Wrapping: Sendable, Equatable {
        package var before: String
        package var behind: String

        package init(_ before: String = "", _ behind: String = "") {
            self.before = before
            self.behind = behind
        }

        package func around(_ expression: String) -> String { before + expression + behind }
    }

    /// Where the column may stand for itself, so that an index on it serves.
    package enum Itself: Sendable, Equatable {
        case never
        /// Compared for equality with a parameter that is written as the column takes it.
        case inEquality
        /// Compared in any way with such a parameter, and sorted by.
        case inOrder
    }

    /// Around the column, to have a value of the field's type.
    package var read: Wrapping
    /// Around a value of the field's type, to have one of the column's.
    package var write: Wrapping
    package var itself: Itself

    package init(read: Wrapping = Wrapping(), write: Wrapping = Wrapping(), itself: Itself = .never) {
        self.read = read
        self.write = write
        self.itself = itself
    }

    /// Whether the column is compared with text as it stands: it is text in another order.
    package var isOfText: Bool { write == Wrapping() && itself == .inEquality }
}
