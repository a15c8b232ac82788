/// Reads one field of a known type: its bounds, default and flags, each checked against the type.
struct FieldReader {
    let entity: DeclaredEntity
    /// The field's position in the entity.
    let index: Int
    /// Nil when it could not be read; then nothing that depends on it is judged.
    let type: FieldType?
    let log: ProblemLog

    private var declared: DeclaredField { entity.fields[index] }
    private var section: DeclaredSection { declared.section }
    private var isKey: Bool { entity.key.contains(index) }

    func field() -> Field {
        var field = Field(name: declared.name, column: column(), type: type ?? .string)
        field.description = section.text("description")
        field.isRequired = isKey || section.flag("required")
        field.isGenerated = section.flag("generated")
        field.isReadOnly = section.flag("readOnly")
        field.managed = declared.managed
        field.renamedFrom = renamedFrom()
        field.searchWeight = section["search"]?.integer
        if entity.isView { checkView() }
        checkKey()
        guard let type else { return field }
        checkApplicability(type)
        BoundsReader(section: section, type: type, log: log).read(into: &field)
        field.pattern = pattern(type)
        field.defaultValue = defaultValue(of: field)
        checkFlags(field)
        return field
    }

    private func column() -> String {
        if let value = section["column"], let name = value.text, let violation = NameRules.stored(name, isTable: false) {
            log.report(violation, at: value.place, path: value.path)
        }
        return section.text("column") ?? declared.name
    }

    private func renamedFrom() -> String? {
        guard let value = section["renamedFrom"], let name = value.text else { return nil }
        if entity.fieldIndex(named: name) != nil {
            contradiction(
                value, "«\(name.lineExcerpt)» is a field of \(entity.name) still.", fix: "name the field that is no longer there.")
        } else if entity.fields.contains(where: {
            $0.name != declared.name && ($0.section["renamedFrom"]?.text?.hasSameBytes(as: name) ?? false)
        }) {
            contradiction(value, "«\(name.lineExcerpt)» became two fields.", fix: "let one of them have it.")
        }
        return name
    }

    // MARK: Where keys apply

    private static let textTypes: [FieldType] = [.string, .text, .email, .url]

    private func checkApplicability(_ type: FieldType) {
        let element: FieldType = if case .array(let element) = type { element } else { type }
        let isDecimal = if case .decimal = element { true } else { false }
        let isEnum = if case .enum = element { true } else { false }
        let isArray = if case .array = type { true } else { false }
        let isDerived = !section.has("type")
        let rules: [(key: String, applies: Bool, to: String)] = [
            ("precision", isDecimal && !isDerived, "a decimal"), ("scale", isDecimal && !isDerived, "a decimal"),
            ("values", isEnum && !isDerived, "an enum"), ("items", isArray && !isDerived, "an array"),
            ("pattern", Self.textTypes.contains(type), "string, text, email and url"), ("search", type.isText, "text of any kind"),
            ("index", type.isOrdered, "every type but json and array"), ("unique", type.isOrdered, "every type but json and array"),
        ]
        for rule in rules where !rule.applies {
            guard let value = section[rule.key] else { continue }
            notApplicable(
                value,
                isDerived && section.has("references") && !["pattern", "search"].contains(rule.key)
                    ? "«\(rule.key)» belongs to `type`; this field is \(type.summary) by its reference."
                    : "«\(rule.key)» applies to \(rule.to); this field is \(type.summary).")
        }
    }

    /// Nothing is written into a view, so nothing there can be made or kept unique.
    private func checkView() {
        for key in ["default", "generated", "index", "onDelete", "readOnly", "renamedFrom", "unique"] {
            guard let value = section[key] else { continue }
            notApplicable(value, "«\(key)» means nothing in a view, which is only read.")
        }
    }

    private func notApplicable(_ value: DeclaredValue, _ message: String) {
        log.report(.notApplicable, at: value.keyPlace, path: value.path, message, fix: "remove it.")
    }

    // MARK: Keys

    private func checkKey() {
        if isKey, let type, !type.canBeKey {
            let value = section["type"]
            log.report(
                .invalidKey, at: value?.place ?? section.place, path: value?.path ?? section.path,
                "A key cannot be of type \(type.name).", fix: "use text, a whole number, decimal, date, timestamp, uuid or enum.")
        }
        if isKey, let value = section["required"], value.bool == false {
            contradiction(value, "«required: false» on a key, which is always required.", fix: "remove it.")
        }
        guard let value = section["generated"], value.bool == true else { return }
        let isGeneratable = type.map { [.integer, .bigint, .uuid].contains($0) } ?? true
        guard isKey, entity.key.count == 1, isGeneratable else {
            log.report(
                .invalidKey, at: value.place, path: value.path, "«generated» is for an integer, bigint or uuid that is the only key.",
                fix: "remove it, or make this field the key.")
            return
        }
        if declared.reference != nil {
            contradiction(value, "«generated» on a field that points at another record.", fix: "remove `generated` or `references`.")
        }
        if let given = section["default"] {
            contradiction(given, "«default» on a generated field.", fix: "remove it: the server makes the value.")
        }
    }

    private func checkFlags(_ field: Field) {
        guard field.isReadOnly, field.isRequired, !field.isGenerated, field.defaultValue == nil, !section.has("default"), !entity.isView,
            let value = section["readOnly"]
        else { return }
        contradiction(
            value, "«readOnly» and required, without a default: no record could be created.",
            fix: "add `default:`, or remove one of the two.")
    }

    private func contradiction(_ value: DeclaredValue, _ message: String, fix: String) {
        log.report(.contradiction, at: value.place, path: value.path, message, fix: fix)
    }

    // MARK: Pattern and default

    private func pattern(_ type: FieldType) -> Pattern? {
        guard let value = section["pattern"], let source = value.text, Self.textTypes.contains(type) else { return nil }
        do {
            return try Pattern(source)
        } catch {
            log.report(
                .invalidPattern, at: value.place, path: value.path,
                "«\(source.lineExcerpt)» is not a regular expression: \(String(describing: error).lineExcerpt).",
                fix: "correct it, and write it in single quotes.")
            return nil
        }
    }

    private func defaultValue(of field: Field) -> DefaultValue? {
        guard let value = section["default"] else { return nil }
        if value.text == "now", field.type == .date || field.type == .timestamp { return .now }
        let problem: ValueProblem
        do throws(ValueProblem) {
            let parsed = try field.value(from: value.node.json)
            guard !parsed.isNull else { throw ValueProblem(.wrongType, "is what a field without `default` gets") }
            return .value(parsed)
        } catch {
            problem = error
        }
        let subject = value.node.subject + (problem.detail.hasPrefix("element") ? ":" : "")
        log.report(
            .invalidDefault, at: value.place, path: value.path, "\(subject) \(problem.detail).",
            fix: "write a default that the field itself takes.")
        return nil
    }
}

extension FieldType {
    /// Whether values of the type can identify a record: they compare exactly and have one form in a path.
    package var canBeKey: Bool {
        switch self {
        case .double, .json, .array, .boolean, .bytes: false
        default: true
        }
    }
}

extension String {
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
