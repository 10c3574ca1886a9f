// The streams and files that lines of JSON are written to.

/// The destination of lines of JSON.
public enum JSONLineTarget: Sendable, Hashable {
    case standardOutput
    case standardError
    /// A file that lines are appended to, and that is rotated when it is full.
    ///
    /// A missing file is created with access only for its owner. The file is opened for each batch, so that tools that move log files
    /// need not notify the process; with such tools set `rotation` to nil.
    case file(String, rotation: FileRotation? = FileRotation())
}

extension JSONLineTarget {
    /// The name for messages.
    var name: String {
        switch self {
        case .standardOutput: "standard output"
        case .standardError: "standard error"
        case .file(let path, _): path
        }
    }

    private var file: AppendedFile? {
        if case .file(let path, let rotation) = self { AppendedFile(path: path, rotation: rotation) } else { nil }
    }

    /// Throws if the target cannot be written to.
    func check() throws(ConfigurationError) {
        guard let file else { return }
        if let rotation = file.rotation, !rotation.isUsable {
            throw ConfigurationError(
                setting: "rotation", value: "\(rotation.maximumFiles) files of \(rotation.maximumSize) bytes",
                expected: "from 1 to 1000 files of at least one byte")
        }
        do throws(FileError) { try file.check() } catch {
            throw ConfigurationError(
                setting: "jsonLines", value: file.path, expected: "a file that can be written to, and renamed when it is full (\(error))")
        }
    }

    /// Whether the last line of the file is not terminated.
    var endsInsideLine: Bool { file?.endsInsideLine ?? false }

    func write(_ lines: UnsafeRawBufferPointer, deadline: Deadline) throws(StreamFailure) {
        switch self {
        case .standardOutput: try StandardStream.output.write(lines, deadline: deadline)
        case .standardError: try StandardStream.error.write(lines, deadline: deadline)
        case .file(let path, let rotation): try AppendedFile(path: path, rotation: rotation).append(lines, deadline: deadline)
        }
    }
}
