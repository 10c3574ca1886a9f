// Hot: binds the current context to the running task, by the one task-local of the SDK.

#if SwiftTracing
    public import ServiceContextModule
#endif

/// The context of the running task.
@usableFromInline
enum CurrentContext {
    // A structure with a single reference: reading several references takes 50 % longer, and so does a bare optional, whose
    // copying is looked up at run time. Not the attribute `@TaskLocal`, whose accessors cannot be used from inlinable code.
    @usableFromInline static let storage = TaskLocal<Context>(wrappedValue: .root)

    /// The node that is bound for the running task.
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
        // `withValue` rethrows untyped errors only; the result preserves the type.
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

extension Context {
    /// The context of the running task.
    public static var current: Context { Context(node: CurrentContext.node) }

    /// Makes this the current context while the operation runs.
    @inlinable
    public func run<Result, Failure: Error>(_ operation: () throws(Failure) -> Result) throws(Failure) -> Result {
        try CurrentContext.with(self, operation)
    }

    /// Makes this the current context while the operation runs, in child tasks too; keeps the caller's actor.
    @inlinable
    public nonisolated(nonsending) func run<Result, Failure: Error>(
        _ operation: nonisolated(nonsending) () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await CurrentContext.with(self, operation)
    }
}

extension Baggage {
    /// The baggage of the running task.
    public static var current: Baggage { Context.current.baggage }
}

/// Returns the address of a task-local's value; nil if nothing is bound. `TaskLocal.get()` calls it too, but costs twice as much,
/// because it copies a value whose type is known only at run time.
@_silgen_name("swift_task_localValueGet")
private func taskLocalValue(_ key: UnsafeRawPointer) -> UnsafeMutableRawPointer?
