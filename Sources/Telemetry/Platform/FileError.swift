// The error of a system call on files.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An error number of the operating system, from a call on files.
package struct FileError: Error, Hashable, CustomStringConvertible {
    let code: Int32

    static var last: FileError { FileError(code: errno) }

    static let notThere = FileError(code: ENOENT)
    /// The name belongs to something other than a regular file.
    static let notAFile = FileError(code: EINVAL)
    static let isADirectory = FileError(code: EISDIR)
    static let tooLarge = FileError(code: EFBIG)

    /// True if the process or the host lacks a resource, so that the same call may succeed later.
    var isPassing: Bool { [EMFILE, ENFILE, ENOMEM, EAGAIN].contains(code) }

    package var description: String { self == .notAFile ? "Not a regular file" : String(cString: strerror(code)) }
}
