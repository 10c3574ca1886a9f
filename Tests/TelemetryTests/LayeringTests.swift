// Checks the sources: order of floors, circles of files, file names, and house rules.

import Testing

/// The order of the folders of `Sources/Telemetry`, lowest first; folders of one floor do not use each other.
private let floors: [[String]] = [
    ["Platform"], ["Common"], ["Wire"], ["HTTP"], ["Context"], ["Pipeline"], ["Tracing", "Metrics", "Logging"],
    ["OTLP", "Prometheus", "Console", "JSONLines", "Testing", "Instrumentation"], ["System"], ["Bridges"],
]

/// The rooms of each divided floor, lowest first; a file uses its own room and lower ones.
private let rooms: [String: [String]] = [
    "Pipeline": ["Queue", "Delivery", "Worker"],
    "Metrics": ["Data", "Exemplars", "Readers", "Views", "Storage", "Instruments"],
]

/// Lower folders that a folder must not use nevertheless.
private let exceptions: [String: Set<String>] = ["HTTP": ["Wire"]]

/// The modules of other packages, which only the bridges import.
private let bridgedModules: Set = [
    "Logging", "CoreMetrics", "Metrics", "Tracing", "Instrumentation", "ServiceContextModule", "ServiceLifecycle",
]

struct LayeringTests {
    private let library = SourceTree.files(in: ["Sources/Telemetry"])

    @Test func filesUseOnlyTheirOwnFloorAndLowerOnes() {
        #expect(library.count > 10, "The sources are where this test looks for them.")
        for violation in FloorRules(library).violations { Issue.record("\(violation)") }
    }

    @Test func filesOfTheLibraryFormNoCircles() {
        #expect(library.count > 10, "The sources are where this test looks for them.")
        for violation in FileCircles(library).violations { Issue.record("\(violation)") }
    }

    @Test func filesOfTheLibraryAreNamedAfterTheirTypes() {
        #expect(library.count > 10, "The sources are where this test looks for them.")
        for violation in FileNames.violations(in: library) { Issue.record("\(violation)") }
    }

    @Test func filesKeepTheHouseRules() {
        let files = SourceTree.files(in: ["Sources", "Tests", "Benchmarks"])
        #expect(files.contains { $0.path.hasSuffix("LayeringTests.swift") }, "The tests are where this test looks for them.")
        for file in files {
            for violation in HouseRules.violations(in: file) { Issue.record("\(violation)") }
        }
    }
}

/// Checks the checker: each rule reports a made-up source that breaks it, and accepts one that keeps it.
struct LayeringRulesTests {
    private func file(_ path: String, _ text: String) -> SourceFile {
        SourceFile(path: "Sources/Telemetry/\(path)", text: "// Purpose.\n" + text)
    }

    private func floorViolations(_ files: SourceFile...) -> [String] { FloorRules(files).violations }

    private func houseViolations(_ text: String, path: String = "Sources/Telemetry/Common/A.swift") -> [String] {
        HouseRules.violations(in: SourceFile(path: path, text: text))
    }

    @Test func typeOfHigherFloorIsReported() {
        let upper = file("Tracing/Tracer.swift", "public final class Tracer {}\n")
        #expect(floorViolations(upper, file("Context/A.swift", "let a: Tracer? = nil\n")).count == 1)
        #expect(floorViolations(upper, file("System/A.swift", "let a: Tracer? = nil\n")).isEmpty)
        #expect(floorViolations(upper, file("Tracing/B.swift", "let a: Tracer? = nil\n")).isEmpty)
    }

    @Test func typeOfNeighbouringFolderIsReported() {
        let console = file("Console/TraceTree.swift", "package enum TraceTree {}\n")
        #expect(floorViolations(console, file("OTLP/A.swift", "let a = TraceTree.self\n")).count == 1)
    }

    @Test func useOfExcludedLowerFolderIsReported() {
        let wire = file("Wire/WireWriter.swift", "struct WireWriter {}\n")
        #expect(floorViolations(wire, file("HTTP/A.swift", "let a = WireWriter()\n")).count == 1)
        #expect(floorViolations(wire, file("Context/A.swift", "let a = WireWriter()\n")).isEmpty)
    }

    @Test func folderOutsideOfTheFloorsIsReported() {
        #expect(floorViolations(file("Helpers/A.swift", "")).count == 1)
        #expect(floorViolations(file("A.swift", "")).count == 1)
    }

    @Test func typeOfHigherRoomIsReported() {
        let upper = file("Pipeline/Worker/ExportWorker.swift", "final class ExportWorker {}\n")
        #expect(floorViolations(upper, file("Pipeline/Queue/A.swift", "let a: ExportWorker? = nil\n")).count == 1)
        #expect(floorViolations(upper, file("Pipeline/Worker/A.swift", "let a: ExportWorker? = nil\n")).isEmpty)
        #expect(floorViolations(upper, file("Tracing/A.swift", "let a: ExportWorker? = nil\n")).isEmpty)
    }

    @Test func fileOutsideOfTheRoomsOfItsFloorIsReported() {
        #expect(floorViolations(file("Pipeline/A.swift", "")).count == 1)
        #expect(floorViolations(file("Pipeline/Helpers/A.swift", "")).count == 1)
    }

    @Test(arguments: ["struct", "class", "enum", "protocol", "actor", "typealias"])
    func everyKindOfTypeDeclarationIsRecognised(keyword: String) {
        let body = keyword == "typealias" ? "= Int" : "{}"
        let upper = file("System/Upper.swift", "@frozen\npublic \(keyword) Upper \(body)\n")
        #expect(floorViolations(upper, file("Common/A.swift", "let a: Upper\n")).count == 1)
    }

    @Test func namesInCommentsAndStringsAreIgnored() {
        let upper = file("System/Upper.swift", "enum Upper {}\n")
        let harmless = """
            // Upper
            /* Upper /* nested */ Upper */
            let a = "Upper \\"Upper" + #"Upper "Upper"# + #"\\(Upper"#
            let b = \"\"\"
                Upper "Upper"
                \"\"\"
            let c = d.Upper
            """
        #expect(floorViolations(upper, file("Common/A.swift", harmless)).isEmpty)
    }

    @Test func interpolationsAndTextAfterStringsAreCode() {
        let upper = file("System/Upper.swift", "enum Upper {}\n")
        #expect(floorViolations(upper, file("Common/A.swift", #"let a = "\(f("x", Upper.self))""#)).count == 1)
        #expect(floorViolations(upper, file("Common/A.swift", ##"let a = #"\#(Upper.self)"#"##)).count == 1)
        #expect(floorViolations(upper, file("Common/A.swift", #"let a = "\\"; let b = Upper.self"#)).count == 1)
        #expect(floorViolations(upper, file("Common/A.swift", "/* a */ let b = Upper.self // c")).count == 1)
        #expect(floorViolations(upper, file("Common/A.swift", "let b = Telemetry.Upper.self")).count == 1)
    }

    @Test func privateNestedAndRepeatedNamesAreNotReported() {
        let upper = file(
            "System/Upper.swift", "private struct State {}\nstruct Upper { struct Options {} }\nextension Upper { enum More {} }\n")
        #expect(floorViolations(upper, file("Common/A.swift", "let a: (State, Options, More)\n")).isEmpty)
        let own = file("Common/B.swift", "struct Outer { struct Upper {} ; let a: Upper }\n")
        #expect(floorViolations(upper, own).isEmpty)
        let twin = file("Common/Twin.swift", "struct Upper {}\n")
        #expect(floorViolations(upper, twin, file("Context/A.swift", "let a: Upper\n")).isEmpty)
    }

    @Test func importsOfFoundationAndTheCLibraryAreReported() {
        #expect(houseViolations("// A.\nimport Foundation\n").count == 1)
        #expect(houseViolations("// A.\ninternal import FoundationEssentials\n").count == 1)
        #expect(houseViolations("// A.\nimport Foundation\n", path: "Sources/Examples/Support/A.swift").isEmpty)
        for module in ["Glibc", "Musl", "Darwin", "TelemetryMachine"] {
            #expect(houseViolations("// A.\nimport \(module)\n").count == 1)
            #expect(houseViolations("// A.\nimport \(module)\n", path: "Sources/Telemetry/Platform/A.swift").isEmpty)
        }
        #expect(houseViolations("// A.\nimport Synchronization\n").isEmpty)
    }

    @Test func importsOfOtherPackagesOutsideOfTraitsAreReported() {
        for module in bridgedModules {
            let text = "// A.\n\n#if SwiftLog\n    public import \(module)\n#endif\n"
            for path in ["Metrics/A.swift", "Logging/A.swift", "System/A.swift"] {
                #expect(houseViolations(text, path: "Sources/Telemetry/\(path)").count == 1)
            }
            #expect(houseViolations(text, path: "Sources/Telemetry/Bridges/SwiftLog/A.swift").isEmpty)
        }
        for text in ["// A.\nimport Metrics\n", "// A.\n#if SwiftLog\n#endif\nlet a = 1\n", "// A.\nlet a = 1\n#if SwiftLog\n#endif\n"] {
            #expect(houseViolations(text, path: "Sources/Telemetry/Bridges/SwiftLog/A.swift").count == 1)
        }
    }

    @Test func fileBeyondTheMaximumOfLinesIsReported() {
        let longest = "// A.\n" + String(repeating: "\n", count: HouseRules.maximumLines - 1)
        for folder in ["Sources/Telemetry/Common", "Sources/Examples/Proxy", "Tests/TelemetryTests", "Benchmarks"] {
            #expect(houseViolations(longest, path: "\(folder)/A.swift").isEmpty)
            #expect(houseViolations(longest + "\n", path: "\(folder)/A.swift").count == 1)
        }
    }

    @Test func printsTrapsAndOpenTasksAreReported() {
        for line in ["print(1)", "fatal" + "Error()", "let a = try" + "! b()", "// TO" + "DO: later", "/* FIX" + "ME */"] {
            #expect(houseViolations("// A.\n\(line)\n").count == 1, "\(line)")
        }
        #expect(houseViolations("// A.\nlet a = \"print(1) fatal\" + \"Error()\" // print(\nfunc sprint() {}\nlog.reprint(1)\n").isEmpty)
    }

    @Test func mutexOfTheStandardLibraryIsReported() {
        #expect(houseViolations("// A.\nimport Synchronization\nlet a = Mutex(0)\n").count == 1)
        #expect(houseViolations("// A.\nlet a: Mutex<Int>\n").count == 1)
        #expect(houseViolations("// A.\n// Not a Mutex.\nlet a = Locked(0)\n").isEmpty)
        #expect(houseViolations("// A.\nlet a = Mutex(0)\n", path: "Tests/TelemetryTests/A.swift").isEmpty)
    }

    @Test(arguments: ["@unchecked Sendable", "nonisolated(unsafe) var", "@preconcurrency import"])
    func unprovenPromiseToTheCompilerIsReported(promise: String) {
        #expect(houseViolations("// A.\n\nlet a = 1\n\(promise)\n").count == 1)
        #expect(houseViolations("// A.\n\n// The lock guards it.\n\(promise)\n").isEmpty)
        #expect(houseViolations("// A.\n\n/// The lock guards it.\n@usableFromInline\n\(promise)\n").isEmpty)
        #expect(houseViolations("// A.\n\n\(promise) // The lock guards it.\n").isEmpty)
        #expect(houseViolations("// A.\n\n// Speaks of \(promise).\n").isEmpty)
    }

    @Test func suiteThatIsMarkedWithoutTraitsIsReported() {
        let path = "Tests/TelemetryTests/A.swift"
        #expect(houseViolations("// A.\n@Suite struct A {}\n", path: path).count == 1)
        #expect(houseViolations("// A.\n    @Suite final class A {}\n", path: path).count == 1)
        #expect(houseViolations("// A.\n@Suite(.serialized) struct A {}\nlet a = \"@Suite struct\" // @Suite struct\n", path: path).isEmpty)
        #expect(houseViolations("// A.\nstruct Suite {}\n", path: path).isEmpty)
    }

    @Test func fileWithoutOpeningLineIsReported() {
        #expect(houseViolations("\n// A.\n").count == 1)
        #expect(houseViolations("import Synchronization\n").count == 1)
        #expect(houseViolations("import Testing\n", path: "Tests/TelemetryTests/A.swift").count == 1)
        #expect(houseViolations("").count == 1)
    }
}

/// The order of floors and rooms.
private struct FloorRules {
    private(set) var violations: [String] = []

    init(_ files: [SourceFile]) {
        var owners: [String: Set<Place>] = [:]
        for file in files {
            for name in file.sharedTypes { owners[name, default: []].insert(Place(file)) }
        }
        for file in files {
            guard Self.floor(of: file.folder) != nil else {
                violations.append("\(file.path): the folder is no floor; name it in the table of this test.")
                continue
            }
            let place = Place(file)
            if let known = rooms[place.floor], !known.contains(place.room) {
                violations.append("\(file.path): the folder is no room of its floor; name it in the table of this test.")
                continue
            }
            let forbidden = file.mentionedTypes.filter { name in
                owners[name].map { !$0.contains { Self.mayUse(place, $0) } } ?? false
            }
            // A file may declare a type of the same name.
            guard !forbidden.isEmpty else { continue }
            for name in forbidden.subtracting(file.declaredTypes).sorted() {
                let folders = (owners[name] ?? []).map(\.description).sorted().joined(separator: ", ")
                violations.append("\(file.path): uses \(name) of \(folders), which stands above or beside it.")
            }
        }
    }

    private static func floor(of folder: String) -> Int? { floors.firstIndex { $0.contains(folder) } }

    private static func mayUse(_ place: Place, _ other: Place) -> Bool {
        guard place.floor != other.floor else {
            guard let order = rooms[place.floor] else { return true }
            guard let own = order.firstIndex(of: place.room), let used = order.firstIndex(of: other.room) else { return false }
            return used <= own
        }
        guard let own = floor(of: place.floor), let used = floor(of: other.floor) else { return false }
        return used < own && exceptions[place.floor]?.contains(other.floor) != true
    }

    /// The folder of a file and, if the folder is divided, the room in it.
    private struct Place: Hashable, CustomStringConvertible {
        let floor: String
        let room: String

        init(_ file: SourceFile) {
            floor = file.folder
            room = rooms[file.folder] == nil ? "" : file.room
        }

        var description: String { room.isEmpty ? floor : "\(floor)/\(room)" }
    }
}

/// The rules for every file, in whatever folder.
private enum HouseRules {
    static let maximumLines = 400

    static func violations(in file: SourceFile) -> [String] {
        var found: [String] = []
        if file.lineCount > maximumLines { found.append("has \(file.lineCount) lines") }
        if !file.text.hasPrefix("//") { found.append("does not open with a line that says what it is for") }
        for word in ["TO" + "DO", "FIX" + "ME"] where file.mentions(word) { found.append("mentions \(word)") }

        if file.path.hasPrefix("Sources/Telemetry/") {
            let modules = file.imports
            if modules.contains(where: { $0.hasPrefix("Foundation") }) { found.append("imports Foundation") }
            for module in ["Glibc", "Musl", "Darwin", "TelemetryMachine"] where modules.contains(module) && file.folder != "Platform" {
                found.append("imports \(module) outside of Platform")
            }
            if file.folder == "Bridges" {
                let lines = file.code.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
                let trait = lines.first?.prefixMatch(of: /#if (Swift|ServiceLifecycle)/)
                if trait == nil || lines.last != "#endif" { found.append("does not stand behind its trait") }
            } else {
                // Only the current context imports another package's context, so that both are the same.
                let known: Set = file.folder == "Context" ? ["ServiceContextModule"] : []
                for module in modules.intersection(bridgedModules).subtracting(known).sorted() {
                    found.append("imports \(module) outside of Bridges")
                }
            }
            let (dot, parenthesis, mark) = (UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: "!"))
            for word in file.words {
                switch word.text {
                case "print" where word.after == parenthesis && word.before != dot: found.append("prints in line \(word.line)")
                case "fatalError": found.append("ends the host's process in line \(word.line)")
                case "try" where word.after == mark: found.append("traps on an error in line \(word.line)")
                case "Mutex": found.append("uses a lock that traps in a forked child, where Locked does not, in line \(word.line)")
                default: break
                }
            }
        }
        if file.path.hasPrefix("Tests/"), file.mentions("@Suite") {
            let (at, parenthesis) = (UInt8(ascii: "@"), UInt8(ascii: "("))
            for word in file.words where word.text == "Suite" && word.before == at && word.after != parenthesis {
                // The compiler expands such macros for every file that it compiles: with 250 suites, three of its four seconds.
                found.append("marks a suite without traits in line \(word.line), which its tests make one already")
            }
        }
        found += unprovenPromises(in: file).map { "line \($0) gives the compiler a promise without a comment that proves it" }
        return found.map { "\(file.path): \($0)." }
    }

    private static func unprovenPromises(in file: SourceFile) -> [Int] {
        guard ["@unchecked", "@preconcurrency", "nonisolated("].contains(where: file.mentions) else { return [] }
        let words = file.words
        let promises = words.indices.filter { index in
            let word = words[index]
            switch word.text {
            case "unchecked", "preconcurrency": return word.before == UInt8(ascii: "@")
            case "nonisolated": return word.after == UInt8(ascii: "(") && words[(index + 1)...].first?.text == "unsafe"
            default: return false
            }
        }
        guard !promises.isEmpty else { return [] }
        let text = file.text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
        return promises.map { words[$0].line }.filter { line in
            guard !text[line - 1].contains("//") else { return false }
            // Attributes may have lines of their own between the comment and the promise.
            let above = text[..<(line - 1)].last { !$0.hasPrefix("@") } ?? ""
            return !above.hasPrefix("//")
        }
    }
}
