// The value that ends a series.

/// The NaN by which Prometheus marks that a series has ended; results use it for steps without a value as well.
package enum StaleMarker {
    package static let bits: UInt64 = 0x7FF0_0000_0000_0002
    package static let value = Double(bitPattern: bits)

    @inline(__always)
    package static func isStale(_ value: Double) -> Bool { value.bitPattern == bits }
}
