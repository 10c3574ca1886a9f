// Checks the rules for files with made-up sources.

import Testing

struct FileRulesTests {
    private func file(_ path: String, _ text: String) -> SourceFile {
        SourceFile(path: "Sources/Telemetry/\(path)", text: "// Purpose.\n" + text)
    }

    private func circles(_ files: SourceFile...) -> [String] { FileCircles(files).violations }

    private func names(_ path: String, _ text: String) -> [String] { FileNames.violations(in: [file(path, text)]) }

    @Test func circleOfTwoFilesIsReportedWithItsTypes() {
        let violations = circles(
            file("Common/A.swift", "struct A { var b: B? }\n"), file("Common/B.swift", "final class B { let a = A() }\n"))
        #expect(
            violations == [
                "2 files form a circle: Sources/Telemetry/Common/A.swift uses B of Sources/Telemetry/Common/B.swift; "
                    + "Sources/Telemetry/Common/B.swift uses A of Sources/Telemetry/Common/A.swift."
            ])
    }

    @Test func circleOfThreeFilesIsReportedOnce() {
        let violations = circles(
            file("Common/A.swift", "struct A { var b: B }\n"), file("Common/B.swift", "struct B { var c: [C] }\n"),
            file("Common/C.swift", "struct C {}\nextension A { var isFirst: Bool { true } }\n"),
            file("Common/D.swift", "struct D { var a: A }\n"))
        #expect(violations.count == 1)
        #expect(violations.first?.hasPrefix("3 files form a circle") == true)
        #expect(violations.first?.contains("D.swift") == false)
    }

    @Test func separateCirclesAreReportedSeparately() {
        let violations = circles(
            file("Common/A.swift", "struct A { var b: B? }\n"), file("Common/B.swift", "struct B { var a: [A] ; var c: C? }\n"),
            file("Common/C.swift", "struct C { var d: D? }\n"), file("Common/D.swift", "struct D { var c: [C] }\n"))
        #expect(violations.count == 2)
    }

    @Test func filesThatUseOthersInOneDirectionAreNoCircle() {
        let violations = circles(
            file("Common/A.swift", "struct A { var b: B ; var c: C }\n"), file("Common/B.swift", "struct B { var c: C }\n"),
            file("Common/C.swift", "struct C { var c: [C] }\n"))
        #expect(violations.isEmpty)
    }

    @Test func privateNestedMemberAndParameterNamesTieNoFiles() {
        let user = file("Common/A.swift", "struct A { var b: B }\n")
        #expect(circles(user, file("Common/B.swift", "struct B { var a: Other.A }\n")).isEmpty)
        #expect(circles(user, file("Common/B.swift", "struct B { struct A {} ; var a: A }\n")).isEmpty)
        #expect(circles(user, file("Common/B.swift", "struct B<A: Sendable> { var a: A }\n")).isEmpty)
        #expect(circles(user, file("Common/B.swift", "struct B { func c<C, A: Sequence>(_ a: A) where C: D<A> {} }\n")).isEmpty)
        #expect(circles(user, file("Common/B.swift", "struct B { func c<C: D<Int>, A>(_ a: A) {} }\n")).isEmpty)
        #expect(circles(user, file("Common/B.swift", "struct B { let a = \"A\" } // A\n")).isEmpty)
        #expect(
            circles(file("Common/A.swift", "private struct A { var b: B }\n"), file("Common/B.swift", "struct B { let a: A }\n")).isEmpty)
        #expect(circles(user, file("Common/B.swift", "struct B { var a: A }\n")).count == 1)
    }

    @Test func namesThatSeveralFilesDeclareTieNoFiles() {
        let twin = file("Platform/Twin.swift", "struct A {}\n")
        #expect(circles(file("Common/A.swift", "struct A { var b: B }\n"), twin, file("Common/B.swift", "struct B { let a: A }\n")).isEmpty)
    }

    @Test func fileNamedAfterItsTypeIsAccepted() {
        #expect(names("Common/A.swift", "public struct A {}\nstruct B {}\n").isEmpty)
        #expect(names("Common/A.swift", "#if SwiftLog\n    struct B {}\n    public final class A<C>: B {}\n#endif\n").isEmpty)
        #expect(names("Common/A.swift", "typealias A = Int\n").isEmpty)
        #expect(names("Common/A+More.swift", "struct A {}\n").isEmpty)
    }

    @Test func fileNamedAfterAnExtendedTypeAndAnAspectIsAccepted() {
        #expect(names("Common/A+More.swift", "extension A { struct B {} }\n").isEmpty)
        #expect(names("Common/A+More.swift", "private struct B {}\nextension A { var b: B { B() } }\n").isEmpty)
        #expect(names("Common/A+More.swift", "#if SwiftLog\n    extension Logger.A { var b: Int { 1 } }\n#endif\n").isEmpty)
    }

    @Test func fileWithoutTypeOfItsNameIsReported() {
        #expect(names("Common/A.swift", "struct B {}\n").count == 1)
        #expect(names("Common/A.swift", "private struct A {}\nstruct B {}\n").count == 1)
        #expect(names("Common/A.swift", "struct B { struct A {} }\n").count == 1)
        #expect(names("Common/A.swift", "extension A {}\n").count == 1)
        #expect(names("Common/A.swift", "func a() {}\n").count == 1)
        #expect(names("Common/A+More.swift", "extension A {}\nstruct B {}\n").count == 1)
        #expect(names("Common/A+More.swift", "extension B {}\n").count == 1)
    }
}
