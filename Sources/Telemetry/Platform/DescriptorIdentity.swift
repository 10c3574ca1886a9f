// Tells descriptors of our own from those of others that have got their numbers.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file behind a descriptor when it was opened.
///
/// A program that closes all of its descriptors, as daemons do when they start, closes those of telemetry too, and their numbers go to
/// files that it opens afterwards: those must be neither read, nor written, nor closed.
struct DescriptorIdentity: Sendable {
    private let device: UInt64
    private let file: UInt64

    /// Nil when the number belongs to no file.
    init?(of descriptor: Int32) {
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else { return nil }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        file = UInt64(truncatingIfNeeded: status.st_ino)
    }

    /// Whether the descriptor still is that file.
    func isBehind(_ descriptor: Int32) -> Bool {
        guard let present = DescriptorIdentity(of: descriptor) else { return false }
        return present.device == device && present.file == file
    }
}
