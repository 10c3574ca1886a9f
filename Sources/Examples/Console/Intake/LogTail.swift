// Follows log files.

import ExampleSupport
import Glibc
import Telemetry

/// Reads what is appended to a file, and its successor where the file is rotated.
final class LogTail {
    /// Bytes before the end at which a file is begun.
    private static let firstBytes = 1 << 20
    private static let maximumLineBytes = 256 << 10
    /// Bytes that are read in one step.
    private static let readBytes = 1 << 20

    let path: String
    private let fallbackService: String
    private var descriptor: Int32 = -1
    private var identity: (device: dev_t, inode: ino_t) = (0, 0)
    private var position: off_t = 0
    private var rest: [UInt8] = []
    /// True while the beginning of a line is missing, or the line is too long: its end is skipped.
    private var isSkipping = false
    private(set) var skippedLines = 0

    init(_ path: String) {
        self.path = path
        let name = path.split(separator: "/").last.map(String.init) ?? path
        fallbackService = name.split(separator: ".").first.map(String.init) ?? name
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Returns the OTLP request with the records that were appended since the last call; nil without any.
    func poll(now: UInt64) -> [UInt8]? {
        var lines: [[UInt8]] = []
        reopenIfNeeded()
        readLines(to: &lines)
        return lines.isEmpty ? nil : request(lines, now)
    }

    /// Opens the file if there is another one by its name, or if it has been cut.
    private func reopenIfNeeded() {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        let isSame = descriptor >= 0 && status.st_dev == identity.device && status.st_ino == identity.inode
        if isSame, status.st_size >= position { return }
        // What was appended to the file before its successor came is not left behind.
        let isFirst = descriptor < 0
        if descriptor >= 0, !isSame {
            var last: [[UInt8]] = []
            readLines(to: &last)
            carried += last
        }
        if descriptor >= 0 { close(descriptor) }
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else { return }
        identity = (status.st_dev, status.st_ino)
        rest = []
        position = isFirst && status.st_size > Self.firstBytes ? status.st_size - off_t(Self.firstBytes) : 0
        isSkipping = position > 0
    }

    private var carried: [[UInt8]] = []

    private func readLines(to lines: inout [[UInt8]]) {
        lines += carried
        carried = []
        guard descriptor >= 0 else { return }
        let chunk = [UInt8](unsafeUninitializedCapacity: Self.readBytes) { buffer, count in
            count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, position))
        }
        position += off_t(chunk.count)
        for byte in chunk {
            guard byte == UInt8(ascii: "\n") else {
                if isSkipping { continue }
                rest.append(byte)
                if rest.count > Self.maximumLineBytes {
                    (rest, isSkipping) = ([], true)
                    skippedLines += 1
                }
                continue
            }
            if !isSkipping, !rest.isEmpty { lines.append(rest) }
            (rest, isSkipping) = ([], false)
        }
    }

    private func request(_ lines: [[UInt8]], _ now: UInt64) -> [UInt8] {
        var byService: [String: [LogLine]] = [:]
        for bytes in lines {
            let line = LogLine(bytes)
            byService[line.service ?? fallbackService, default: []].append(line)
        }
        var writer = NestedWireWriter()
        for (service, lines) in byService.sorted(by: { $0.key < $1.key }) {
            let resource = writer.begin(OTLPSchema.AnySignal.resources.number)
            let message = writer.begin(OTLPSchema.AnySignal.resource.number)
            LogLine.keyValue(1, .init(key: "service.name", value: .string(service)), to: &writer)
            LogLine.keyValue(1, .init(key: "log.file.path", value: .string(path)), to: &writer)
            writer.end(message)
            let scope = writer.begin(OTLPSchema.AnySignal.scopes.number)
            for line in lines { line.write(to: &writer, observed: now) }
            writer.end(scope)
            writer.end(resource)
        }
        return writer.bytes
    }
}
