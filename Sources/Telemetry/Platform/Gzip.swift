// Decompression of received bodies, which may be hostile.

/// Decompresses gzip with the system's zlib.
package enum Gzip {
    /// Returns the decompressed bytes; allocates at most about twice the limit, whatever the input is.
    ///
    /// Several gzip members one after another are one. (RFC 1952 §2.2.)
    package static func decompressed(_ bytes: [UInt8], maximumBytes: Int) throws(GzipError) -> [UInt8] {
        let maximumBytes = min(maximumBytes, Int.max - 1)
        let zlib: Zlib
        switch Zlib.system {
        case .success(let library): zlib = library
        case .failure(let failure): throw .noLibrary(reason: failure.description)
        }
        let stream = Zlib.StreamPointer.allocate(capacity: 1)
        defer { stream.deallocate() }
        stream.initialize(to: Zlib.Stream())
        guard zlib.beginInflate(stream, Zlib.gzipWindow, Zlib.version, CInt(MemoryLayout<Zlib.Stream>.size)) == Zlib.Status.ok else {
            throw .outOfMemory
        }
        defer { _ = zlib.endInflate(stream) }
        // One byte more than allowed, so that excess is detected.
        var output = [UInt8](repeating: 0, count: min(maximumBytes + 1, max(4096, bytes.count * 4)))
        var (taken, written) = (0, 0)
        while true {
            let status = bytes.withUnsafeBytes { input in
                output.withUnsafeMutableBytes { output in
                    let (source, room) = (input[taken...].prefix(1 << 30), output[written...].prefix(1 << 30))
                    stream.pointee.nextInput = UnsafeRawBufferPointer(rebasing: source).baseAddress?.assumingMemoryBound(to: UInt8.self)
                    stream.pointee.availableInput = CUnsignedInt(source.count)
                    stream.pointee.nextOutput = UnsafeMutableRawBufferPointer(rebasing: room).baseAddress?.assumingMemoryBound(
                        to: UInt8.self)
                    stream.pointee.availableOutput = CUnsignedInt(room.count)
                    let status = zlib.inflate(stream, Zlib.Flush.none)
                    assert(
                        stream.pointee.availableInput <= source.count && stream.pointee.availableOutput <= room.count,
                        "zlib keeps within its buffers.")
                    taken += source.count - Int(stream.pointee.availableInput)
                    written += room.count - Int(stream.pointee.availableOutput)
                    return status
                }
            }
            guard written <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
            switch status {
            case Zlib.Status.streamEnd:
                if taken == bytes.count {
                    output.removeLast(output.count - written)
                    return output
                }
                _ = zlib.resetInflate(stream)
            case Zlib.Status.ok, Zlib.Status.noProgress:
                if written == output.count {
                    output.append(contentsOf: repeatElement(0, count: min(output.count, maximumBytes + 1 - output.count)))
                } else if taken == bytes.count {
                    throw .truncated
                }
            default: throw .damaged
            }
        }
    }
}
