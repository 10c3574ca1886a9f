// The attributes of processes and what they run on: written by Documentation/Conventions/generate.py.

extension SemanticAttributes {
    /// The keys `process.*`.
    public enum Process {
        /// The identifier of the process. (Int, release candidate.)
        @inlinable public static var pid: String { "process.pid" }

        /// The identifier of the parent process. (Int, release candidate.)
        @inlinable public static var parentPID: String { "process.parent_pid" }

        /// When the process was started, in ISO 8601. (String, release candidate.)
        @inlinable public static var creationTime: String { "process.creation.time" }

        /// The name of the executable. (String, release candidate.)
        @inlinable public static var executableName: String { "process.executable.name" }

        /// The path of the executable. (String, release candidate.)
        @inlinable public static var executablePath: String { "process.executable.path" }

        /// The command that started the process. (String, release candidate.)
        @inlinable public static var command: String { "process.command" }

        /// The command with its arguments, which may hold secrets. ([String], release candidate.)
        @inlinable public static var commandArgs: String { "process.command_args" }

        /// The command line, which may hold secrets. (String, release candidate.)
        @inlinable public static var commandLine: String { "process.command_line" }

        /// The name of the user who owns the process. (String, release candidate.)
        @inlinable public static var owner: String { "process.owner" }

        /// The working directory. (String, release candidate.)
        @inlinable public static var workingDirectory: String { "process.working_directory" }

        /// The title of the process. (String, release candidate.)
        @inlinable public static var title: String { "process.title" }

        /// The name of the runtime (`swift`). (String, release candidate.)
        @inlinable public static var runtimeName: String { "process.runtime.name" }

        /// The version of the runtime. (String, release candidate.)
        @inlinable public static var runtimeVersion: String { "process.runtime.version" }

        /// What else there is to say about the runtime. (String, release candidate.)
        @inlinable public static var runtimeDescription: String { "process.runtime.description" }

        /// Whether switches are `voluntary` or `involuntary`. (String, release candidate.)
        @inlinable public static var contextSwitchType: String { "process.context_switch.type" }
    }

    /// The keys `cpu.*`.
    public enum CPU {
        /// What the processor spends time in (`user`, `system`). (String, release candidate.)
        @inlinable public static var mode: String { "cpu.mode" }

        /// The number of the logical processor. (Int, development.)
        @inlinable public static var logicalNumber: String { "cpu.logical_number" }
    }

    /// The keys `disk.*`.
    public enum Disk {
        /// Whether bytes are `read` or `write`. (String, release candidate.)
        @inlinable public static var ioDirection: String { "disk.io.direction" }
    }

    /// The keys `system.*`.
    public enum System {
        /// Whether page faults are `major` or `minor`. (String, release candidate.)
        @inlinable public static var pagingFaultType: String { "system.paging.fault.type" }
    }

    /// The keys `host.*`.
    public enum Host {
        /// The unique identifier of the host. (String, development.)
        @inlinable public static var id: String { "host.id" }

        /// The name of the host. (String, development.)
        @inlinable public static var name: String { "host.name" }

        /// The type of the machine, as its provider names it. (String, development.)
        @inlinable public static var type: String { "host.type" }

        /// The architecture of the processor (`amd64`, `arm64`). (String, development.)
        @inlinable public static var arch: String { "host.arch" }

        /// The addresses of the host. ([String], development.)
        @inlinable public static var ip: String { "host.ip" }

        /// The hardware addresses of the host. ([String], development.)
        @inlinable public static var mac: String { "host.mac" }

        /// The identifier of the image of the host. (String, development.)
        @inlinable public static var imageID: String { "host.image.id" }

        /// The name of the image of the host. (String, development.)
        @inlinable public static var imageName: String { "host.image.name" }

        /// The version of the image of the host. (String, development.)
        @inlinable public static var imageVersion: String { "host.image.version" }
    }

    /// The keys `os.*`.
    public enum OS {
        /// The kind of operating system (`linux`). (String, development.)
        @inlinable public static var type: String { "os.type" }

        /// The name of the operating system (`Debian GNU/Linux`). (String, development.)
        @inlinable public static var name: String { "os.name" }

        /// The version of the operating system. (String, development.)
        @inlinable public static var version: String { "os.version" }

        /// The build of the operating system or its kernel. (String, development.)
        @inlinable public static var buildID: String { "os.build_id" }

        /// The operating system and its version as it describes itself. (String, development.)
        @inlinable public static var description: String { "os.description" }
    }
}
