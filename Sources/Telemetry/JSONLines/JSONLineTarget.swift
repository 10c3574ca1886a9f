// Where lines of JSON go, and how a batch of records gets there.

/// Where lines of JSON are written to.
public enum JSONLineTarget: Sendable, Hashable {
    case standardOutput
    case standardError
    /// Appended to the file of that path, which gives way to a new one when it is full.
    ///
    /// It is made if there is none, for its owner alone to read and write. It is opened for each batch, so that programs that move log
    /// files away need not tell anybody; where there are such, `rotation` is nil.
    case file(String, rotation: FileRotation? = FileRotation())
}

extension JSONLineTarget {
    /// What it is, for people.
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

    /// Makes sure that it can be written to.
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

    /// Whether something was written there before that lacks the end of its line.
    var endsInsideLine: Bool { file?.endsInsideLine ?? false }

    func write(_ lines: UnsafeRawBufferPointer, deadline: Deadline) throws(StreamFailure) {
        switch self {
        case .standardOutput: try StandardStream.output.write(lines, deadline: deadline)
        case .standardError: try StandardStream.error.write(lines, deadline: deadline)
        case .file(let path, let rotation): try AppendedFile(path: path, rotation: rotation).append(lines, deadline: deadline)
        }
    }
}
