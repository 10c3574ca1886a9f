// Compresses request bodies into gzip, and reads gzip that may come from anywhere, with the system's zlib.

/// Why bytes could not be compressed or decompressed.
package enum GzipError: Error, Equatable, CustomStringConvertible {
    /// The system has no zlib that can be opened.
    case noLibrary(reason: String)
    case outOfMemory
    /// The bytes are no gzip, or were changed on their way.
    case damaged
    case truncated
    /// There is more in them than may be taken.
    case tooLarge(limit: Int)

    package var description: String {
        switch self {
        case .noLibrary(let reason): "gzip needs zlib; on Debian and Ubuntu: apt install zlib1g (\(reason))"
        case .outOfMemory: "there is no memory to compress with"
        case .damaged: "the bytes are no valid gzip"
        case .truncated: "the gzip ends too early"
        case .tooLarge(let limit): "decompressed it is larger than \(limit) bytes"
        }
    }
}

/// Compresses bodies one after another, with the same memory.
final class GzipCompressor {
    /// Half the time of zlib's own default, 6, for bodies that are 3 % larger: measured with spans of five attributes.
    static let defaultLevel = 3

    private let zlib: Zlib
    /// In memory of its own: zlib remembers where it lies.
    private let stream: Zlib.StreamPointer
    private var output = [UInt8](repeating: 0, count: 64 * 1024)

    init(level: Int = defaultLevel) throws(GzipError) {
        switch Zlib.system {
        case .success(let library): zlib = library
        case .failure(let failure): throw .noLibrary(reason: failure.description)
        }
        stream = .allocate(capacity: 1)
        stream.initialize(to: Zlib.Stream())
        let (deflated, memoryLevel, usualStrategy): (CInt, CInt, CInt) = (8, 8, 0)
        let status = zlib.beginDeflate(
            stream, CInt(level), deflated, Zlib.gzipWindow, memoryLevel, usualStrategy, Zlib.version, CInt(MemoryLayout<Zlib.Stream>.size))
        guard status == Zlib.Status.ok else {
            stream.pointee.state = nil
            throw .outOfMemory
        }
    }

    deinit {
        if stream.pointee.state != nil { _ = zlib.endDeflate(stream) }
        stream.deallocate()
    }

    /// Compresses the pieces, one after another, into one gzip, and calls the closure with it.
    func withCompressed<Value>(_ pieces: [UnsafeRawBufferPointer], _ body: (UnsafeRawBufferPointer) -> Value) throws(GzipError) -> Value {
        _ = zlib.resetDeflate(stream)
        var written = 0
        for piece in pieces where !piece.isEmpty { try write(piece, Zlib.Flush.none, &written) }
        try write(UnsafeRawBufferPointer(start: nil, count: 0), Zlib.Flush.finish, &written)
        let value = output.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<written])) }
        // A body that was unusually large does not keep its memory for ever.
        if output.count > 1 << 20 { output = [UInt8](repeating: 0, count: 64 * 1024) }
        return value
    }

    private func write(_ piece: UnsafeRawBufferPointer, _ flush: CInt, _ written: inout Int) throws(GzipError) {
        var rest = piece
        while true {
            let count = min(rest.count, 1 << 30)
            stream.pointee.nextInput = rest.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.availableInput = CUnsignedInt(count)
            let status = output.withUnsafeMutableBytes { buffer in
                let room = UnsafeMutableRawBufferPointer(rebasing: buffer[written...].prefix(1 << 30))
                stream.pointee.nextOutput = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.availableOutput = CUnsignedInt(room.count)
                let status = zlib.deflate(stream, flush)
                written += room.count - Int(stream.pointee.availableOutput)
                return status
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[(count - Int(stream.pointee.availableInput))...])
            let isFull = stream.pointee.availableOutput == 0
            if isFull { output.append(contentsOf: repeatElement(0, count: output.count)) }
            if status == Zlib.Status.streamEnd { return }
            guard status == Zlib.Status.ok || (status == Zlib.Status.noProgress && isFull) else { throw .outOfMemory }
            if flush == Zlib.Flush.none && rest.isEmpty && !isFull { return }
        }
    }
}

/// Reads gzip.
package enum Gzip {
    /// The bytes that a gzip stands for. It takes no more memory than about twice the limit, whatever the bytes say.
    ///
    /// Several gzips one after another are one. (RFC 1952 §2.2.)
    package static func decompressed(_ bytes: [UInt8], maximumBytes: Int) throws(GzipError) -> [UInt8] {
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
        // One more than is allowed, so that it shows when there is more.
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
