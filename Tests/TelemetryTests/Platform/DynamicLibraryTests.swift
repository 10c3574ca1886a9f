// Loading of libraries at run time.

import Testing

@testable import Telemetry

struct DynamicLibraryTests {
    private typealias AbsoluteValue = @convention(c) (Int32) -> Int32

    @Test func firstAvailableLibraryNameIsOpened() throws {
        let library = try DynamicLibrary(anyOf: ["libnobody-has-this.so.9", "libc.so.6", "libm.so.6"])
        #expect(library.name == "libc.so.6")
        let absolute = try library.function("abs", as: AbsoluteValue.self)
        #expect(absolute(-3) == 3)
        #expect(library.functionIfPresent("no_such_function", as: AbsoluteValue.self) == nil)
    }

    @Test func missingLibraryAndFunctionAreNamed() throws {
        #expect {
            _ = try DynamicLibrary(anyOf: ["libnobody-has-this.so.9", "libnor-this.so"])
        } throws: { error in
            "\(error)".contains("libnobody-has-this.so.9") && "\(error)".contains("libnor-this.so")
        }
        let library = try DynamicLibrary(anyOf: ["libc.so.6"])
        #expect(throws: DynamicLibrary.Failure(description: "libc.so.6 has no function no_such_function")) {
            _ = try library.function("no_such_function", as: AbsoluteValue.self)
        }
    }
}
