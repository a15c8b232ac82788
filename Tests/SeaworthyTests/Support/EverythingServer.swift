import SeaworthySchema

/// A schema with every type of field and every feature of entities, and a server on it.
enum EverythingServer {
    static let schema = """
        name: everything
        api: { pageSize: 10, maxPageSize: 50 }
        entities:
          Owner:
            fields:
              email: { type: email, required: true, description: "Where they are reached." }
              site: { type: url }
              nick: { type: string, min: 2, max: 20, search: 2 }
            unique: [[email]]
            timestamps: true
            softDelete: true
            audit: true
            access:
              anyone: { read: true, create: true, update: true, delete: true, restore: true, purge: true, history: true }
          Thing:
            key: [code, part]
            description: One field of each type.
            fields:
              code: { type: string, max: 8, pattern: '^[A-Z]{2}[0-9]{1,4}$' }
              part: { type: integer, min: 0 }
              ownerID: { references: Owner, as: owner, inverse: things, onDelete: cascade, required: true, index: true }
              line: { type: string, max: 10, required: true }
              long: { type: text, search: 1 }
              count: { type: integer, min: -5, max: 5 }
              big: { type: bigint }
              ratio: { type: double, min: 0, max: 1 }
              price: { type: decimal, precision: 8, scale: 3, min: 0 }
              whole: { type: decimal, precision: 6, scale: 0 }
              tiny: { type: decimal, precision: 2, scale: 2 }
              flag: { type: boolean, required: true, default: false }
              day: { type: date, min: '2000-01-01' }
              moment: { type: timestamp }
              token: { type: uuid }
              state: { type: enum, values: [new, old], required: true, default: new }
              note: { type: json }
              tags: { type: array, items: string, min: 1, max: 3 }
              blob: { type: bytes, min: 2, max: 9 }
              fixed: { type: string, readOnly: true, default: "x" }
            checks: { countedDay: { count: { not: 2 } } }
            softDelete: true
            timestamps: true
            access:
              anyone: { read: true, create: true, update: true, delete: true, restore: true, purge: true }
          Note:
            key: noteID
            fields:
              noteID: { type: integer, generated: true }
              text: { type: string, max: 30, index: true }
              parentID: { references: Note, as: parent, inverse: replies, onDelete: cascade, index: true }
              code: { references: { entity: Thing, fields: [code, part] }, as: thing, inverse: notes, onDelete: setNull }
              part: { type: integer }
              hush: { type: string }
            indexes: [[code, part]]
            audit: true
            access:
              anyone: { read: { text: { not: hidden } }, create: true, history: true, delete: true, hide: [hush] }
              staff: { read: true, update: true }
          Secret:
            key: secretID
            fields: { secretID: { type: integer, generated: true }, body: { type: text } }
            access: {}
          Inbox:
            key: inboxID
            fields: { inboxID: { type: integer, generated: true }, body: { type: text, required: true } }
            access: { anyone: { create: true }, staff: { read: true } }

        """

    /// Starts a server on an empty database, lets the test use it and stops it.
    static func with(_ body: (_ api: APIClient, _ document: DocumentedAPI) async throws -> Void) async throws {
        try await with(schema: schema, body)
    }

    static func with(schema: String, _ body: (_ api: APIClient, _ document: DocumentedAPI) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try folder.write(schema, to: "seaworthy.yaml")
        let (process, address) = try await SeaworthyProcess.serve(in: folder.url)
        do {
            let api = try await APIClient(address: address).documented()
            guard let document = api.document else { return }
            try await body(api, document)
        } catch {
            await process.stop()
            throw error
        }
        await process.stop()
    }
}
