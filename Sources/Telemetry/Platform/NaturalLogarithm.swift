// The logarithm of the C library, for folders that do not import it.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

enum NaturalLogarithm {
    static func of(_ value: Double) -> Double { log(value) }
}
