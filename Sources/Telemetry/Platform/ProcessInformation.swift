// What the operating system tells about the process and its host.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the operating system tells about the process and its host; nil where it does not.
enum ProcessInformation {
    static var processID: Int { Int(getpid()) }

    static var executablePath: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
            guard let base = buffer.baseAddress else { return nil }
            let count = readlink("/proc/self/exe", base, buffer.count)
            guard count > 0 else { return nil }
            return String(decoding: UnsafeRawBufferPointer(start: base, count: count), as: UTF8.self)
        }
    }

    static var hostName: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress, gethostname(base, buffer.count - 1) == 0 else { return nil }
            base[buffer.count - 1] = 0
            return String(cString: base)
        }
    }

    /// The name of the hardware as the kernel has it, as `x86_64`.
    static var machine: String? {
        var names = utsname()
        guard uname(&names) == 0 else { return nil }
        return withUnsafeBytes(of: &names.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The kernel's release, as `6.1.0-18-amd64`.
    static var kernelRelease: String? {
        var names = utsname()
        guard uname(&names) == 0 else { return nil }
        return withUnsafeBytes(of: &names.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The login name of the user that the process runs as.
    static var owner: String? {
        guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else { return nil }
        return String(cString: name)
    }

    /// When the process was started, in seconds since 1970.
    static var startSeconds: Int? {
        guard let status = contents(of: "/proc/self/stat"), let system = contents(of: "/proc/stat"),
            let boot = system.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }).flatMap({ Int($0.dropFirst(6)) })
        else { return nil }
        // The second field is a name in parentheses that may itself hold spaces and parentheses.
        guard let end = status.lastIndex(of: ")") else { return nil }
        let fields = status[status.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let ticks = Int(fields[19]) else { return nil }
        return boot + ticks / max(1, Int(sysconf(Int32(_SC_CLK_TCK))))
    }

    /// The text of a small file, at most 64 KiB of it.
    static func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
            var count = 0
            while count < buffer.count {
                let got = read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
                if got < 0 { return nil }
                if got == 0 { break }
                count += got
            }
            return String(decoding: UnsafeRawBufferPointer(rebasing: buffer[..<count]), as: UTF8.self)
        }
    }

    /// The value of an environment variable, nil when it is not set.
    static func environmentVariable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// All environment variables.
    static var environmentVariables: [String: String] {
        #if canImport(Darwin)
            let first = _NSGetEnviron().pointee
        #else
            let first = environ
        #endif
        // There is no list at all once a program has cleared its environment.
        guard var entry = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>(bitPattern: UInt(bitPattern: first)) else { return [:] }
        var variables: [String: String] = [:]
        while let text = entry.pointee.map({ String(cString: $0) }) {
            entry += 1
            guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(text[..<equals])
            // Of a name that is there twice the first one counts, as it does for the C library.
            if variables[name] == nil { variables[name] = String(text[text.utf8.index(after: equals)...]) }
        }
        return variables
    }
}
