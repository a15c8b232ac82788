import NIOHTTP1
import SeaworthySchema
import Testing

/// Every caller, with a real token, on every route of a served document, against tables that are written by hand.
@Suite struct `Access of people who have signed in` {
    private static let schema = """
        name: matrix
        identity: { register: true, attributes: { region: string } }
        entities:
          Post:
            key: id
            softDelete: true
            audit: true
            fields:
              id: { type: integer, generated: true }
              title: { type: string }
              draft: { type: boolean, required: true, default: true }
              region: { type: string }
              owner: { type: string }
              contact: { type: email }
              note: { type: string }
              score: { type: integer }
            access:
              anyone: { read: { draft: false }, hide: [owner, contact, note, score] }
              authenticated:
                read: { owner: { equals: $user.id } }
                create: { owner: { equals: $user.id } }
                update: { owner: { equals: $user.id } }
                delete: { owner: { equals: $user.id } }
                hide: [note]
                readOnly: [score]
              agent:
                read: { contact: { equals: $user.email } }
                update: { contact: { equals: $user.email } }
                history: { contact: { equals: $user.email } }
                hide: [owner]
                readOnly: [contact, note]
              regional:
                read: { region: { equals: $user.region } }
                create: { region: { equals: $user.region } }
                update: { region: { equals: $user.region } }
                delete: { region: { equals: $user.region } }
                restore: { region: { equals: $user.region } }
                purge: { region: { equals: $user.region } }
                history: { region: { equals: $user.region } }
          Memo:
            key: id
            softDelete: true
            audit: true
            fields: { id: { type: integer, generated: true }, text: { type: string } }
            access:
              authenticated: { read: true, create: true }
              agent: { update: true, history: true }
              regional: { delete: true, restore: true, purge: true }

        """

    // MARK: Who, and what

    private static let callers = ["nobody", "ann", "bob", "carl", "dora", "eve", "admin"]
    private static let people: [(name: String, roles: [String], attributes: String)] = [
        ("ann", [], "{}"), ("bob", ["agent"], #"{"region":"north"}"#), ("carl", ["regional"], #"{"region":"north"}"#),
        ("dora", ["agent", "regional"], #"{"region":"south"}"#),
        // Of eve the region is not known, so her role gives nothing.
        ("eve", ["regional"], "{}"),
    ]
    /// Ann's with Bob as its contact, published; the same as a draft; Carl's with Dora; nobody's.
    private static func posts(_ ids: [String: String]) -> [String] {
        let (ann, carl) = (ids["ann"] ?? "", ids["carl"] ?? "")
        return [
            #"{"title":"t","draft":false,"region":"north","owner":"\#(ann)","contact":"bob@example.com","note":"n","score":1}"#,
            #"{"title":"t","region":"south","owner":"\#(ann)","contact":"bob@example.com","note":"n","score":1}"#,
            #"{"title":"t","region":"north","owner":"\#(carl)","contact":"dora@example.com","note":"n","score":1}"#,
            #"{"title":"t"}"#,
        ]
    }

    // MARK: The tables, a line a caller, a column a post

    /// Which of owner, contact, note and score the caller sees; nil where the post is not there.
    private static let sees: [String: [String?]] = [
        "nobody": ["", nil, nil, nil], "ann": ["ocs", "ocs", nil, nil], "bob": ["cns", "cns", nil, nil],
        "carl": ["ocns", nil, "ocns", nil], "dora": ["", "ocns", "cns", nil], "eve": ["", nil, nil, nil],
        "admin": ["ocns", "ocns", "ocns", "ocns"],
    ]
    private static let statuses: [String: [String: [Int]]] = [
        "title": [
            "nobody": [403, 403, 403, 403], "ann": [200, 200, 404, 404], "bob": [200, 200, 404, 404], "carl": [200, 404, 200, 404],
            "dora": [403, 200, 200, 404], "eve": [403, 404, 404, 404], "admin": [200, 200, 200, 200],
        ],
        // Read-only for ann.
        "score": [
            "nobody": [403, 403, 403, 403], "ann": [422, 422, 404, 404], "bob": [200, 200, 404, 404], "carl": [200, 404, 200, 404],
            "dora": [403, 200, 200, 404], "eve": [403, 404, 404, 404], "admin": [200, 200, 200, 200],
        ],
        // What admits Bob and, to the third post, Dora does not hold behind it. The post stays Ann's.
        "contact": [
            "nobody": [403, 403, 403, 403], "ann": [200, 200, 404, 404], "bob": [403, 403, 404, 404], "carl": [200, 404, 200, 404],
            "dora": [403, 200, 403, 404], "eve": [403, 404, 404, 404], "admin": [200, 200, 200, 200],
        ],
        // Hidden from ann, and read-only for agents.
        "note": [
            "nobody": [403, 403, 403, 403], "ann": [422, 422, 404, 404], "bob": [422, 422, 404, 404], "carl": [200, 404, 200, 404],
            "dora": [403, 200, 422, 404], "eve": [403, 404, 404, 404], "admin": [200, 200, 200, 200],
        ],
        "history": [
            "nobody": [403, 403, 403, 403], "ann": [403, 403, 403, 403], "bob": [200, 200, 404, 404], "carl": [200, 404, 200, 404],
            "dora": [403, 200, 200, 404], "eve": [403, 403, 403, 403], "admin": [200, 200, 200, 200],
        ],
        "delete": [
            "nobody": [403, 403, 403, 403], "ann": [204, 204, 404, 404], "bob": [403, 403, 404, 404], "carl": [204, 404, 204, 404],
            "dora": [403, 204, 403, 404], "eve": [403, 404, 404, 404], "admin": [204, 204, 204, 204],
        ],
        "restore": [
            "nobody": [403, 403, 403, 403], "ann": [403, 403, 403, 403], "bob": [403, 403, 403, 403], "carl": [200, 404, 200, 404],
            "dora": [403, 200, 403, 404], "eve": [403, 403, 403, 403], "admin": [200, 200, 200, 200],
        ],
        "purge": [
            "nobody": [403, 403, 403, 403], "ann": [403, 403, 403, 403], "bob": [403, 403, 403, 403], "carl": [204, 404, 204, 404],
            "dora": [403, 204, 403, 404], "eve": [403, 403, 403, 403], "admin": [204, 204, 204, 204],
        ],
    ]
    /// Making a post of one's own, one of the north, and one of one's own with a note.
    private static let makes: [String: [Int]] = [
        "nobody": [403, 403, 403], "ann": [201, 403, 422], "bob": [201, 403, 422], "carl": [201, 201, 422], "dora": [201, 403, 422],
        "eve": [201, 403, 422], "admin": [201, 201, 201],
    ]

    /// What a memo's route answers each caller.
    private static let memos: [String: (body: String?, query: String, statuses: [String: Int])] = {
        func line(_ nobody: Int, _ ann: Int, _ bob: Int, _ carl: Int, _ dora: Int, _ eve: Int, _ admin: Int) -> [String: Int] {
            Dictionary(uniqueKeysWithValues: zip(callers, [nobody, ann, bob, carl, dora, eve, admin]))
        }
        return [
            "listMemo": (nil, "", line(401, 200, 200, 200, 200, 200, 200)),
            "readMemo": (nil, "", line(401, 200, 200, 200, 200, 200, 200)),
            "queryMemo": ("{}", "", line(401, 200, 200, 200, 200, 200, 200)),
            "aggregateMemo": (nil, "?measures=count", line(401, 200, 200, 200, 200, 200, 200)),
            "createMemo": (#"{"text":"x"}"#, "", line(401, 201, 201, 201, 201, 201, 201)),
            "importMemo": (#"[{"text":"x"}]"#, "", line(401, 200, 200, 200, 200, 200, 200)),
            "putMemo": (#"{"text":"y"}"#, "", line(401, 403, 200, 403, 200, 403, 200)),
            "updateMemo": (#"{"text":"y"}"#, "", line(401, 403, 200, 403, 200, 403, 200)),
            "historyMemo": (nil, "", line(401, 403, 200, 403, 200, 403, 200)),
            "deleteMemo": (nil, "", line(401, 403, 403, 204, 204, 204, 204)),
            "restoreMemo": (nil, "", line(401, 403, 403, 200, 200, 200, 200)),
            "batch": (
                #"{"operations":[{"method":"POST","path":"/v1/memos","body":{"text":"x"}}]}"#, "",
                line(401, 200, 200, 200, 200, 200, 200)
            ),
        ]
    }()

    /// What is answered to nobody, to who has signed in, and to an administrator, where nothing that is asked for is there.
    private static let others: [String: (body: String?, statuses: [Int])] = [
        "register": ("{}", [422, 422, 422]), "login": ("{}", [422, 422, 422]), "refresh": ("{}", [422, 422, 422]),
        "verifyEmail": ("{}", [422, 422, 422]), "forgotPassword": ("{}", [422, 422, 422]), "resetPassword": ("{}", [422, 422, 422]),
        "getCsrfToken": (nil, [401, 401, 401]), "getMe": (nil, [401, 200, 200]), "listSessions": (nil, [401, 200, 200]),
        "listSignIns": (nil, [401, 200, 200]),
        "endSession": (nil, [401, 404, 404]), "changePassword": ("{}", [401, 422, 422]), "enrollTotp": ("{}", [401, 422, 422]),
        "confirmTotp": ("{}", [401, 422, 422]), "disableTotp": ("{}", [401, 422, 422]),
        "listApiKeys": (nil, [401, 200, 200]), "createApiKey": ("{}", [401, 422, 422]), "revokeApiKey": (nil, [401, 404, 404]),
        "getSecurityEvents": (nil, [401, 403, 200]), "getUsers": (nil, [401, 403, 200]), "addUser": ("{}", [401, 403, 422]),
        "getUser": (nil, [401, 403, 404]),
        "changeUser": ("{}", [401, 403, 404]), "removeUser": (nil, [401, 403, 404]), "signOutUser": (nil, [401, 403, 404]),
        "getLocks": (nil, [401, 400, 400]), "acquireLock": ("{}", [401, 422, 422]), "getLock": (nil, [401, 404, 404]),
        "renewLock": ("{}", [401, 404, 404]), "releaseLock": (nil, [401, 404, 404]),
        "getUserSessions": (nil, [401, 403, 404]), "getUserSignIns": (nil, [401, 403, 404]), "resetUserTotp": (nil, [401, 403, 404]),
    ]

    // MARK: The tests

    private struct Stage {
        let server: IdentityServer
        let ids: [String: String]
        let tokens: [String: String]

        /// Makes a record, as the administrator.
        func make(_ path: String, _ body: String) async throws -> String {
            let made = try await server.send(.POST, path, body, as: server.administrator)
            try #require(made.status == 201, "\(made.body)")
            guard case .number(let id) = try made.value("data.id") else { return "?" }
            return "\(path)/\(id)"
        }
    }

    private static func with(_ engine: IdentityServer.Engine, _ body: (Stage) async throws -> Void) async throws {
        try await IdentityServer.with(schema, on: engine) { server in
            var (ids, tokens) = ([String: String](), ["admin": server.administrator])
            for person in people {
                let email = "\(person.name)@example.com"
                ids[person.name] = try await server.makeUser(email, roles: person.roles, attributes: person.attributes)
                tokens[person.name] = try await server.signIn(email)
            }
            try await body(Stage(server: server, ids: ids, tokens: tokens))
        }
    }

    private static func restricted(_ record: JSONValue) -> String {
        guard case .object(let object) = record else { return "?" }
        return ["owner", "contact", "note", "score"].filter { object[$0] != nil }.map { String($0.prefix(1)) }.joined()
    }

    @Test(arguments: IdentityServer.Engine.allCases)
    func `to what they read is what their roles give together`(engine: IdentityServer.Engine) async throws {
        try await Self.with(engine) { stage in
            let server = stage.server
            var paths: [String] = []
            for post in Self.posts(stage.ids) { paths.append(try await stage.make("/v1/posts", post)) }
            for caller in Self.callers {
                let (token, expected) = (stage.tokens[caller], Self.sees[caller] ?? [])
                for (path, fields) in zip(paths, expected) {
                    let answer = try await server.send(.GET, path, as: token)
                    #expect(answer.status == (fields == nil ? 404 : 200), "\(caller) \(path)")
                    if let fields { #expect(Self.restricted(try answer.value("data")) == fields, "\(caller) \(path)") }
                }
                let there = expected.compactMap(\.self)
                for answer in [
                    try await server.send(.GET, "/v1/posts?sort=id", as: token),
                    try await server.send(.POST, "/v1/posts/query", #"{"sort":["id"]}"#, as: token),
                ] {
                    #expect(answer.status == 200, "\(answer.body)")
                    #expect(try answer.list("data").map(Self.restricted) == there, "\(caller)")
                }
                let count = try await server.send(.GET, "/v1/posts/aggregate?measures=count", as: token)
                #expect(try count.value("data.0.count") == .number(String(there.count)), "\(caller) \(count.body)")
                for (index, path) in paths.enumerated() {
                    let history = try await server.send(.GET, path + "/history", as: token)
                    #expect(history.status == Self.statuses["history"]?[caller]?[index], "\(caller) \(path)/history \(history.body)")
                }
            }
        }
    }

    @Test(arguments: IdentityServer.Engine.allCases)
    func `to what they change is what their roles give together`(engine: IdentityServer.Engine) async throws {
        try await Self.with(engine) { stage in
            let server = stage.server
            for caller in Self.callers {
                let token = stage.tokens[caller]
                for (index, post) in Self.posts(stage.ids).enumerated() {
                    func expect(_ answer: APIClient.Answer, _ table: String) {
                        #expect(answer.status == Self.statuses[table]?[caller]?[index], "\(caller) \(table) \(index): \(answer.body)")
                    }
                    var path = try await stage.make("/v1/posts", post)
                    for (field, value) in [("title", #""u""#), ("score", "2"), ("note", #""m""#), ("contact", #""new@example.com""#)] {
                        expect(try await server.send(.PATCH, path, #"{"\#(field)":\#(value)}"#, as: token), field)
                    }
                    path = try await stage.make("/v1/posts", post)
                    expect(try await server.send(.DELETE, path, as: token), "delete")
                    path = try await stage.make("/v1/posts", post)
                    expect(try await server.send(.DELETE, path + "?purge=true", as: token), "purge")
                    path = try await stage.make("/v1/posts", post)
                    #expect(try await server.send(.DELETE, path, as: server.administrator).status == 204)
                    expect(try await server.send(.POST, path + "/restore", as: token), "restore")
                }
                let own = stage.ids[caller] ?? "x"
                for (body, status) in zip(
                    [#"{"owner":"\#(own)"}"#, #"{"region":"north"}"#, #"{"owner":"\#(own)","note":"n"}"#], Self.makes[caller] ?? [])
                {
                    let made = try await server.send(.POST, "/v1/posts", body, as: token)
                    #expect(made.status == status, "\(caller) \(body): \(made.body)")
                }
            }
            // A rule holds before and after a change: what is one's own is not given away.
            let path = try await stage.make("/v1/posts", Self.posts(stage.ids)[1])
            #expect(try await server.send(.PATCH, path, #"{"owner":"x"}"#, as: stage.tokens["ann"]).status == 403)
        }
    }

    @Test(arguments: IdentityServer.Engine.allCases)
    func `to every other route is what the table says`(engine: IdentityServer.Engine) async throws {
        try await Self.with(engine) { stage in
            let server = stage.server
            let document = try #require(server.api.document)
            let served = Set(document.operations.filter { $0.path.hasPrefix("/v1/") && !$0.id.hasSuffix("Post") }.map(\.id))
            let told = Set(Self.memos.keys).union(Self.others.keys).union(["logout", "logoutAll"])
            #expect(served == told, "\(served.symmetricDifference(told))")
            for operation in document.operations {
                for caller in Self.callers {
                    let token = stage.tokens[caller]
                    var path = operation.path.replacing("{id}", with: "01a223bc-5819-7c25-b076-e6c0ab4910a6")
                    let (body, status): (String?, Int?)
                    if let memo = Self.memos[operation.id] {
                        if path.contains("{key}") {
                            let record = try await stage.make("/v1/memos", #"{"text":"x"}"#)
                            path = path.replacing("/v1/memos/{key}", with: record)
                            if operation.id == "restoreMemo" { _ = try await server.send(.DELETE, record, as: server.administrator) }
                        }
                        (body, status) = (memo.body, memo.statuses[caller])
                        path += memo.query
                    } else if let other = Self.others[operation.id] {
                        (body, status) = (other.body, other.statuses[caller == "nobody" ? 0 : caller == "admin" ? 2 : 1])
                    } else {
                        continue
                    }
                    let answer = try await server.send(HTTPMethod(rawValue: operation.method), path, body, as: token)
                    #expect(answer.status == status, "\(caller) \(operation.method) \(path): \(answer.body)")
                }
            }
            for (path, status) in [("/v1/auth/logout", 401), ("/v1/auth/logout-all", 401)] {
                #expect(try await server.send(.POST, path, as: nil).status == status)
            }
            for (caller, path) in [("ann", "/v1/auth/logout"), ("bob", "/v1/auth/logout-all")] {
                #expect(try await server.send(.POST, path, as: stage.tokens[caller]).status == 204)
                #expect(try await server.send(.GET, "/v1/memos", as: stage.tokens[caller]).status == 401)
            }
        }
    }

    @Test(arguments: IdentityServer.Engine.allCases)
    func `is that of now, and asks only for what is known`(engine: IdentityServer.Engine) async throws {
        try await Self.with(engine) { stage in
            let server = stage.server
            var paths: [String] = []
            for post in Self.posts(stage.ids) { paths.append(try await stage.make("/v1/posts", post)) }
            func status(_ caller: String, _ post: Int) async throws -> Int {
                try await server.send(.GET, paths[post], as: stage.tokens[caller]).status
            }
            func change(_ caller: String, _ body: String) async throws {
                let answer = try await server.send(.PATCH, "/v1/users/\(stage.ids[caller] ?? "")", body, as: server.administrator)
                #expect(answer.status == 200, "\(answer.body)")
            }
            // On the node that changed it the next request sees it: roles, attributes and the address.
            #expect(try await status("eve", 2) == 404)
            try await change("eve", #"{"attributes":{"region":"north"}}"#)
            #expect(try await status("eve", 2) == 200)
            try await change("eve", #"{"roles":[]}"#)
            #expect(try await status("eve", 2) == 404)
            try await change("eve", #"{"roles":["admin"]}"#)
            #expect(try await status("eve", 3) == 200)
            #expect(try await server.send(.GET, "/v1/users", as: stage.tokens["eve"]).status == 200)
            try await change("eve", #"{"roles":["regional"],"attributes":{"region":null}}"#)
            #expect(try await status("eve", 2) == 404)
            #expect(try await server.send(.GET, "/v1/users", as: stage.tokens["eve"]).status == 403)
            try await change("dora", #"{"email":"other@example.com"}"#)
            #expect(try await status("dora", 2) == 404)
            try await change("dora", #"{"email":"dora@example.com"}"#)
            #expect(try await status("dora", 2) == 200)

            // What another node changed is seen as well: here, what is written past the server. An address that is not proven is none.
            #expect(try await status("bob", 1) == 200)
            try await server.store("UPDATE seaworthy_users SET verified_at = NULL WHERE email = 'bob@example.com'")
            #expect(try await Self.becomesTrue { try await status("bob", 1) == 404 })
            #expect(try await server.send(.GET, "/v1/auth/me", as: stage.tokens["bob"]).value("data.isVerified") == false)
            try await server.store("UPDATE seaworthy_users SET roles = '[]' WHERE email = 'carl@example.com'")
            #expect(
                try await Self.becomesTrue {
                    let post = try await server.send(.GET, paths[0], as: stage.tokens["carl"])
                    return Self.restricted(try post.value("data")) == ""
                })
        }
    }

    /// Whether it comes to hold; within a second it does, and on a machine that is busy within a minute.
    private static func becomesTrue(_ condition: () async throws -> Bool) async throws -> Bool {
        for _ in 0..<1200 {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }
}
