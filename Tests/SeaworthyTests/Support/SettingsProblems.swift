@testable import Seaworthy

/// What is wrong with settings that are read; nothing where they are good.
func settingsProblems<Result>(_ read: () throws(SettingsError) -> Result) -> [SettingsProblem] {
    do {
        _ = try read()
        return []
    } catch {
        return error.problems
    }
}
