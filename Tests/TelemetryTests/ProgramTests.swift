// Compiles small programs that must be accepted or rejected with given messages.

import Foundation
import Testing

/// The programs in `Programs` import the module as users do; comments in rejected ones have the expected diagnostics.
struct ProgramTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Programs")

    private static func programs(_ kind: String) -> [String] {
        let files = try? FileManager.default.contentsOfDirectory(at: folder.appending(path: kind), includingPropertiesForKeys: nil)
        return (files ?? []).filter { $0.pathExtension == "swift" }.map { "\(kind)/\($0.lastPathComponent)" }.sorted()
    }

    /// The C header that the module imports; the package manager finds it by itself.
    private static let machine = SourceTree.root.appending(path: "Sources/Telemetry/Platform/Machine/include")

    /// What the compiler says of a program beyond what its comments expect.
    private func complaints(about program: String) throws -> String { try complaints(about: Self.folder.appending(path: program)) }

    /// - Parameter arguments: what the compiler does, and with which features.
    private func complaints(about program: URL, _ arguments: [String] = ["-typecheck"]) throws -> String {
        let compiler = Process()
        compiler.executableURL = try Toolchain.compiler
        compiler.arguments =
            arguments + [
                "-swift-version", "6", "-Xfrontend", "-verify", "-Xfrontend", "-verify-ignore-unrelated",
                // Milliseconds of processor time.
                "-Xfrontend", "-warn-long-expression-type-checking=100",
                "-I", try Toolchain.modules.path(), "-I", Self.machine.path(), program.path(),
            ]
        let output = Pipe()
        compiler.standardError = output
        compiler.standardOutput = output
        try compiler.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        compiler.waitUntilExit()
        return compiler.terminationStatus == 0 ? "" : String(decoding: text, as: UTF8.self)
    }

    @Test(arguments: programs("Accepted"))
    func programCompilesWithoutWarning(_ program: String) throws {
        #expect(try complaints(about: program) == "")
    }

    /// What crosses isolations is checked behind the types, and differs by the feature that a package enables.
    @Test(arguments: programs("BothModes"), [[], ["-enable-upcoming-feature", "NonisolatedNonsendingByDefault"]])
    func programCompilesInPackagesOfBothKinds(_ program: String, _ feature: [String]) throws {
        let program = Self.folder.appending(path: program)
        #expect(try complaints(about: program, ["-emit-sil", "-o", "/dev/null"] + feature) == "")
    }

    @Test(arguments: programs("Refused"))
    func programIsRefusedWithTheMessagesItExpects(_ program: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: program), encoding: .utf8)
        #expect(text.contains("expected-error"))
        #expect(try complaints(about: program) == "")
    }

    /// The steps of the tutorial in the documentation catalog, each a whole program.
    private static func tutorialSteps() -> [String] {
        let folder = Self.folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Telemetry/Telemetry.docc/Tutorial")
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        // The manifest imports the package manager's own module.
        return (files ?? []).filter { $0.pathExtension == "swift" && $0.lastPathComponent != "Package.swift" }.map { $0.path() }.sorted()
    }

    @Test(arguments: tutorialSteps())
    func tutorialStepCompilesWithoutWarning(_ path: String) throws {
        #expect(try complaints(about: URL(filePath: path)) == "")
    }

    @Test func tutorialHasItsSteps() {
        #expect(Self.tutorialSteps().count == 6)
    }

    @Test func programsOfAllKindsAreThere() {
        #expect(!Self.programs("Accepted").isEmpty && !Self.programs("Refused").isEmpty && !Self.programs("BothModes").isEmpty)
    }
}

/// The compiler of this test run, and its modules.
private enum Toolchain {
    /// The compiler is located relative to the loaded Swift runtime.
    static var compiler: URL {
        get throws {
            // The file is read to its end, since it has no size.
            let file = try #require(FileHandle(forReadingAtPath: "/proc/self/maps"))
            let maps = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
            let line = try #require(maps.split(separator: "\n").first { $0.hasSuffix("/lib/swift/linux/libswiftCore.so") })
            let runtime = try #require(line.firstRange(of: "/")).lowerBound
            return URL(filePath: String(line[runtime...]).replacing("/lib/swift/linux/libswiftCore.so", with: "/bin/swiftc"))
        }
    }

    /// The modules are located beside the executable or bundle of the tests.
    static var modules: URL {
        get throws {
            var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            while folder.path() != "/" {
                let modules = folder.appending(path: "Modules")
                if FileManager.default.fileExists(atPath: modules.appending(path: "Telemetry.swiftmodule").path()) { return modules }
                folder.deleteLastPathComponent()
            }
            throw CocoaError(.fileNoSuchFile)
        }
    }
}
