import FoundationEssentials

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Has Swift's runtime write a report of a crash into a folder (`SWIFT_BACKTRACE`; docs/Backtracing.rst of swiftlang/swift).
///
/// The runtime reads the variable before any code of ours runs, so where it is not set this process begins once more with it, as the same
/// process. The program that reads the stack, `swift-backtrace`, has to lie where the runtime looks for it: docs/observability.md.
enum CrashCapture {
    static let variable = "SWIFT_BACKTRACE"
    /// Where reports lie when nobody says otherwise, in the working directory.
    static let standardFolder = ".seaworthy/crashes"

    /// What the variable has to be for reports in a folder.
    static func setting(folder: String) -> String {
        "enable=yes,format=json,output-to=\(folder),interactive=no,color=no,threads=crashed,images=mentioned"
    }

    /// The folder that reports go to by a value of the variable; nil where they go elsewhere, or as text.
    static func folder(of setting: String) -> String? {
        var options: [Substring: Substring] = [:]
        for option in setting.split(separator: ",") {
            let pair = option.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { options[pair[0]] = pair[1] }
        }
        guard options["format"] == "json", let output = options["output-to"], output.hasPrefix("/") else { return nil }
        return String(output)
    }

    /// Sees to it that crashes leave reports, and gives those that there are. Nil where there are none, and will be none.
    ///
    /// - Parameter isWanted: whether anybody is told; a folder that the variable names already is looked after in any case.
    static func reports(isWanted: Bool) -> CrashReports? {
        if let setting = getenv(variable) {
            guard let folder = folder(of: String(cString: setting)) else { return nil }
            try? SettingFile.makeFolder(folder)
            return CrashReports(folder: folder)
        }
        guard isWanted else { return nil }
        let workingDirectory = FileManager.default.currentDirectoryPath
        let folder = SettingFile.path(standardFolder, in: workingDirectory)
        do {
            try SettingFile.makeFolder(SettingFile.path(DevelopmentKeys.folder, in: workingDirectory))
            try SettingFile.makeFolder(folder)
        } catch {
            return nil
        }
        begin(folder: folder)
        // The process has not begun once more, so crashes leave no reports.
        return nil
    }

    /// Begins the process once more with the variable, unless it is set. Returns where that is not possible, or not needed.
    static func begin(folder: String) {
        #if os(Linux)
        // A comma would end the option.
        guard getenv(variable) == nil, !folder.contains(",") else { return }
        // By its own path, by whose end the process is named, where it is listed and in the reports.
        guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return }
        guard setenv(variable, setting(folder: folder), 1) == 0 else { return }
        execv(path, CommandLine.unsafeArgv)
        // It goes on as it is, and says nothing of its crashes.
        unsetenv(variable)
        #endif
    }
}
