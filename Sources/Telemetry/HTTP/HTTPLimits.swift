// The limits of messages that are read.

/// The maximum sizes of a message that is read.
package struct HTTPLimits: Sendable {
    package var startLine = 8 * 1024
    package var headerBytes = 32 * 1024
    package var headerCount = 100
    package var body = 8 * 1024 * 1024

    package init() {}
}
