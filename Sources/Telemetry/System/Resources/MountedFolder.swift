// Parses the mounts of the process, from which its container can be told.

/// One line of `/proc/self/mountinfo`: a mounted folder or file and its mount point. (proc(5).)
struct MountedFolder {
    /// The path within the file system that is mounted.
    let source: Substring
    /// The mount point.
    let place: Substring
    /// The minor number of the device; kernels number file systems without a device in order of creation.
    let minorDevice: Int?
    /// The type of the file system, as `proc`.
    let type: Substring

    static func all(in text: String) -> [MountedFolder] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 4 else { return nil }
            // A dash ends the optional fields.
            let dash = fields.dropFirst(5).firstIndex(of: "-")
            let type = dash.flatMap { $0 + 1 < fields.count ? fields[$0 + 1] : nil } ?? ""
            let minorDevice = fields[2].split(separator: ":").last.flatMap { Int($0) }
            return MountedFolder(source: fields[3], place: fields[4], minorDevice: minorDevice, type: type)
        }
    }

    /// Returns whether the network is certainly older than the container: another container's or the host's.
    ///
    /// Linux has one `sysfs` for each network namespace, made when it is first mounted there, and a new `proc` for each container. A container
    /// with a network of its own mounts `/proc` first and `/sys` after it, so that `/sys` has the greater number.
    static func sharesNetwork(_ mounts: [MountedFolder]) -> Bool {
        guard let processes = mounts.last(where: { $0.place == "/proc" && $0.type == "proc" })?.minorDevice,
            let devices = mounts.last(where: { $0.place == "/sys" && $0.type == "sysfs" })?.minorDevice
        else { return false }
        return devices < processes
    }
}
