// The logarithm, which the standard library leaves to the C library.

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
