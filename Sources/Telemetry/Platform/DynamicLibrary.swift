// Loads libraries of the system where they are needed, without linking to them.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A library of the system that is opened at run time; it must be installed only if a configuration needs it.
///
/// It stays open until the process ends, so that functions found in it can always be called.
package struct DynamicLibrary: Sendable {
    /// The name under which it was found.
    let name: String
    /// The handle as a number: it is the same for all threads, and never closed.
    private let handle: UInt

    /// Why a library cannot be used, in the words of the system.
    package struct Failure: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// Opens the first of the names that the system has, such as `libz.so.1`.
    package init(anyOf names: [String]) throws(Failure) {
        var reasons: [String] = []
        for name in names {
            // `RTLD_LOCAL`: other libraries may bring their own versions of its symbols.
            if let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) {
                self.name = name
                self.handle = UInt(bitPattern: handle)
                return
            }
            reasons.append(Self.lastError ?? "\(name) cannot be opened")
        }
        throw Failure(description: reasons.isEmpty ? "no library is named" : reasons.joined(separator: "; "))
    }

    /// Returns a function of the library or of its dependencies; nil if this version has none of that name.
    ///
    /// Nothing checks the type, a `@convention(c)` function: it must be what the library's documentation says.
    package func functionIfPresent<Function>(_ name: String, as type: Function.Type = Function.self) -> Function? {
        precondition(MemoryLayout<Function>.size == MemoryLayout<UnsafeRawPointer>.size, "A C function is one pointer.")
        return dlsym(UnsafeMutableRawPointer(bitPattern: handle), name).map { unsafeBitCast($0, to: Function.self) }
    }

    /// Returns a function that every version of the library has.
    package func function<Function>(_ name: String, as type: Function.Type = Function.self) throws(Failure) -> Function {
        guard let function = functionIfPresent(name, as: type) else { throw Failure(description: "\(self.name) has no function \(name)") }
        return function
    }

    private static var lastError: String? { dlerror().map { String(cString: $0) } }
}
