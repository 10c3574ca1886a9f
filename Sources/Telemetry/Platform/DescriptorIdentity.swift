// Detects descriptors that the program has closed, and whose numbers belong to other files now.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file behind a descriptor when it was opened.
///
/// A program that closes all of its descriptors, as daemons do when they start, closes those of telemetry too. Their numbers are then
/// reused for files that the program opens, which telemetry must neither read, write nor close.
struct DescriptorIdentity: Sendable {
    private let device: UInt64
    private let file: UInt64

    /// Returns nil if the descriptor is not open.
    init?(of descriptor: Int32) {
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else { return nil }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        file = UInt64(truncatingIfNeeded: status.st_ino)
    }

    /// Returns whether the descriptor still refers to that file.
    func isBehind(_ descriptor: Int32) -> Bool {
        guard let present = DescriptorIdentity(of: descriptor) else { return false }
        return present.device == device && present.file == file
    }
}
