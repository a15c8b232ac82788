/// One source of variables, the environment or `.env`, with every `X_FILE` replaced by what the file holds.
struct SettingsLayer {
    /// By setting's name. An empty variable counts as unset, so that `X=${X}` in a compose file does no harm.
    private(set) var values: [String: String] = [:]
    private(set) var problems: [SettingsProblem] = []
    /// Settings whose value could not be had; they have their problem already.
    private(set) var failed: Set<String> = []

    /// - Parameters:
    ///   - variables: by name.
    ///   - workingDirectory: where relative paths in `X_FILE` start.
    ///   - origin: appended to problems, for instance ` (.env line 3)`; by variable's name.
    init(variables: [String: String], workingDirectory: String, origin: (String) -> String) {
        let given = variables.filter { !$0.value.isEmpty && !SettingNames.isServiceLink($0.key, value: $0.value) }
        for definition in SettingDefinition.all {
            let name = definition.name
            let fileName = name + SettingNames.fileSuffix
            switch (given[name], given[fileName]) {
            case (nil, nil):
                continue
            case (.some, .some):
                fail(name, .conflictingValues, name, "is set, and \(fileName) too\(origin(name))", fix: "unset one of the two")
            case (let value?, nil):
                values[name] = value
            case (nil, let path?):
                // What has no effect is refused whatever the file holds.
                values[name] = definition.isSupported ? read(path, for: name, workingDirectory, origin(fileName)) : path
            }
        }
        for (name, value) in given {
            if let problem = SettingNames.problem(name: name, value: value, origin: origin(name)) {
                problems.append(problem)
            }
        }
    }

    /// Takes a setting out, as if it were not set here.
    mutating func discard(_ name: String) {
        values[name] = nil
    }

    private mutating func read(_ path: String, for name: String, _ workingDirectory: String, _ origin: String) -> String? {
        let fileName = name + SettingNames.fileSuffix
        do {
            let text = try SettingFile.read(SettingFile.path(path, in: workingDirectory)).text.trimmingOneLineBreak()
            guard text.isEmpty else { return text }
            fail(
                name, .invalidValue, fileName, "names \(path), which is empty\(origin)",
                fix: "write the value into it, or unset \(fileName)")
        } catch {
            fail(
                name, .unreadableFile, fileName, "names \(path), which cannot be read: \(error.reason)\(origin)",
                fix: "make it readable, or unset \(fileName)")
        }
        return nil
    }

    private mutating func fail(_ name: String, _ code: SettingsProblem.Code, _ subject: String, _ detail: String, fix: String) {
        failed.insert(name)
        problems.append(SettingsProblem(code, subject, detail, fix: fix))
    }
}
