// Hot: the one task-local of the SDK, and the immutable object that it holds.

#if SwiftTracing
    public import ServiceContextModule
#endif

/// One immutable state of the context. A recording span is one too, so that making it current allocates nothing.
///
/// Not final for that reason alone; the subclass adds state behind its own lock, hence `@unchecked`: all that is
/// declared here is immutable and `Sendable`.
@usableFromInline
class ContextNode: @unchecked Sendable {
    final let spanContext: SpanContext
    final let extras: ContextExtras?
    /// What the recording span makes its times with, and its local children theirs; none where there is no such span.
    final let anchor: ClockAnchor

    init(spanContext: SpanContext, extras: ContextExtras? = nil, anchor: ClockAnchor = .none) {
        self.spanContext = spanContext
        self.extras = extras
        self.anchor = anchor
    }

    /// The recording span of this context, if it has one.
    var recording: (any RecordingSpan)? { nil }
}

/// What a recording span is to those who meet it in a context only.
protocol RecordingSpan: AnyObject, Sendable {
    var isRecording: Bool { get }

    func addEvent(_ name: String, _ attributes: Attributes, nanoseconds: UInt64)

    /// The time at which the wall clock was read, as the times of the span are made.
    func ownNanoseconds(ofReading wall: UInt64) -> UInt64
}

/// A context that was derived from a recording span by adding something to it.
final class DerivedContextNode: ContextNode, @unchecked Sendable {
    // Unchecked as the superclass is: what is added is immutable.
    private let origin: (any RecordingSpan)?

    init(spanContext: SpanContext, extras: ContextExtras?, recording: (any RecordingSpan)?, anchor: ClockAnchor) {
        origin = recording
        super.init(spanContext: spanContext, extras: extras, anchor: anchor)
    }

    override var recording: (any RecordingSpan)? { origin }
}

/// The context of the running task.
@usableFromInline
enum CurrentContext {
    // A structure with a single reference: reading several references takes half as long again, and so does a bare
    // optional, whose copying is looked up at run time. Not the attribute `@TaskLocal`, since what that makes cannot be used
    // from inlinable code.
    @usableFromInline static let storage = TaskLocal<Context>(wrappedValue: .root)

    /// What is bound for the running task.
    @inline(__always)
    static var node: ContextNode? {
        #if SwiftTracing
            if let shared = SharedContext.node { return shared }
        #endif
        guard let value = taskLocalValue(Unmanaged.passUnretained(storage).toOpaque()) else { return nil }
        return value.assumingMemoryBound(to: Context.self).pointee.node
    }

    @inlinable
    static func with<Result, Failure: Error>(
        _ context: Context, _ operation: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // `withValue` knows untyped errors only; the outcome carries the type past it.
        let outcome = bind(context) { () -> Swift.Result<Result, Failure> in
            do throws(Failure) { return .success(try operation()) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    @inlinable
    nonisolated(nonsending) static func with<Result, Failure: Error>(
        _ context: Context, _ operation: nonisolated(nonsending) () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let outcome = await bind(context) { () async -> Swift.Result<Result, Failure> in
            do throws(Failure) { return .success(try await operation()) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    @inlinable @inline(__always)
    static func bind<Outcome>(_ context: Context, _ operation: () -> Outcome) -> Outcome {
        #if SwiftTracing
            if SharedContext.isShared {
                return ServiceContext.$current.withValue(SharedContext.serviceContext(holding: context), operation: operation)
            }
        #endif
        return storage.withValue(context, operation: operation)
    }

    @inlinable @inline(__always)
    nonisolated(nonsending) static func bind<Outcome>(
        _ context: Context, _ operation: nonisolated(nonsending) () async -> Outcome
    ) async -> Outcome {
        #if SwiftTracing
            if SharedContext.isShared {
                return await ServiceContext.$current.withValue(SharedContext.serviceContext(holding: context), operation: operation)
            }
        #endif
        return await storage.withValue(context, operation: operation)
    }
}

/// Where a task keeps the value of a task-local; nil when nothing is bound. What `TaskLocal.get()` calls too, which costs
/// twice as much because it copies a value whose type it learns at run time.
@_silgen_name("swift_task_localValueGet")
private func taskLocalValue(_ key: UnsafeRawPointer) -> UnsafeMutableRawPointer?
