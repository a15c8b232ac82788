import SeaworthyData
import SeaworthySchema

/// What of one entity the document shows: what some role may do with its records or see of them.
struct OpenAPIEntity {
    typealias Operation = RecordCollection.Operation

    let collections: [RecordCollection]
    let position: Int
    let api: Schema.API
    /// Indexes of the fields that some role sees.
    let fields: [Int]
    /// The relations whose fields some role sees on both sides, to records that some role may read.
    let relations: [Relation]
    /// A record that the server would take, by field; nil where none was found.
    let sample: [Value]?

    var records: RecordCollection { collections[position] }
    var entity: Entity { records.entity }
    var name: String { entity.name }

    init(_ position: Int, of collections: [RecordCollection], api: Schema.API, sample: [Value]?) {
        self.position = position
        self.collections = collections
        self.api = api
        self.sample = sample
        let records = collections[position]
        fields = records.entity.fields.indices.filter(records.isOffered(field:))
        relations = records.entity.relations.filter { relation in
            let target = collections[relation.target]
            return relation.fields.allSatisfy(records.isOffered(field:)) && target.isOffered(.read)
                && relation.targetFields.allSatisfy(target.isOffered(field:))
        }
    }

    /// Whether some role may do anything here. Of an entity that is for nobody nothing is told, not even its name.
    var isShown: Bool { Operation.allCases.contains(where: records.isOffered) }

    var path: String { "/v1/\(entity.path)" }

    // MARK: Roles

    /// Whether some role that may do one of these sets the field.
    func isSettable(_ field: Int, by operations: [Operation]) -> Bool {
        guard !entity.fields[field].isReadOnly else { return false }
        return entity.access.roles.contains { role in
            operations.contains { role.rule($0) != .never } && !role.hidden.contains(field) && !role.readOnly.contains(field)
        }
    }

    /// Whether everyone may read every record, so that whoever writes one sees it.
    var isReadableByAll: Bool { entity.access.role(named: RoleAccess.anyone)?.read == .always }

    /// Whether each reader sees the field.
    func isSentToAll(_ field: Int) -> Bool {
        entity.access.roles.allSatisfy { $0.read == .never || !$0.hidden.contains(field) }
    }

    /// The statuses of a refusal for want of a role.
    ///
    /// - Parameter reading: whether the operation takes the right to read, too.
    func refusals(reading: Bool, _ operations: [Operation]) -> [Int] {
        let anyone = entity.access.role(named: RoleAccess.anyone)
        let isReadable = (anyone?.read ?? .never) != .never
        // A token that is not valid is refused everywhere.
        if !reading || isReadable, operations.allSatisfy({ anyone?.rule($0) == .always }) { return [401] }
        return [401, 403]
    }

    // MARK: Records within records

    /// The relations to many whose records can be made along with one of these.
    var nested: [Relation] {
        relations.filter { $0.isToMany && collections[$0.target].isOffered(.create) && entity.fieldIndex(named: $0.name) == nil }
    }

    func other(_ position: Int) -> OpenAPIEntity {
        OpenAPIEntity(position, of: collections, api: api, sample: nil)
    }

    /// Every entity whose records can be made along with one of these, however deep.
    var allNested: [OpenAPIEntity] {
        var found: Set<Int> = []
        var waiting = nested.map(\.target)
        while let next = waiting.popLast() {
            if found.insert(next).inserted { waiting += other(next).nested.map(\.target) }
        }
        return found.sorted().map(other)
    }

    // MARK: Components

    /// A dot stands in no entity's name, so that no other component has this one's.
    func component(_ kind: String) -> String { "\(name).\(kind)" }

    func schema(_ kind: String? = nil) -> JSONValue {
        .reference("schemas", kind.map(component) ?? name)
    }
}

extension JSONValue {
    /// `{"$ref":"#/components/schemas/Order"}`
    static func reference(_ kind: String, _ name: String) -> JSONValue {
        ["$ref": .string("#/components/\(kind)/\(name)")]
    }
}

extension JSONObject {
    mutating func replace(_ name: String, _ value: JSONValue) {
        if let index = members.firstIndex(where: { $0.name == name }) { members[index].value = value } else { append(name, value) }
    }
}
