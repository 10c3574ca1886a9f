// The experiment with likes: some users have them, the others are the control group.

import ExampleSupport
import Telemetry

/// Decides which users have likes: a share of all users, chosen by a hash of their identifier, so that it is the same in every replica
/// and after every start.
///
/// The variant of a request is baggage from its beginning on, and so reaches all services that answer a part of it. Without a share no
/// experiment runs, and all users have likes.
struct LikeExperiment: RequestLayer {
    enum Variant: String, Sendable, CaseIterable {
        case on
        case off
    }

    /// The name of the variant in baggage, on spans, log records and metrics.
    static let name = "experiment.like"

    /// The part of users who have likes, from 0 to 1; nil if no experiment runs.
    let share: Double?

    var isRunning: Bool { share != nil }

    init(share: Double?) {
        self.share = share
    }

    /// Reads the share from `LIKE_EXPERIMENT`.
    init(_ environment: ServiceEnvironment) throws(StartFailure) {
        guard let text = environment["LIKE_EXPERIMENT"] else {
            share = nil
            return
        }
        guard let share = Double(text), (0...1).contains(share) else {
            throw StartFailure(
                .configuration, "LIKE_EXPERIMENT is \"\(text)\"; it must be the share of users who have likes, from 0 to 1.")
        }
        self.share = share
    }

    func variant(of userID: Int) -> Variant {
        guard let share else { return .on }
        return Self.position(of: userID) < share ? .on : .off
    }

    /// Returns a number from 0 up to 1 that follows from the user alone: the finalizer of SplitMix64 over the identifier and the name of
    /// the experiment, so that another experiment divides the users otherwise.
    private static func position(of userID: Int) -> Double {
        var hash = UInt64(bitPattern: Int64(userID))
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15 }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((hash ^ (hash >> 31)) >> 11) * 0x1p-53
    }

    var takesPartInAnswers: Bool { false }

    /// Sets the variant before the auth service is asked, so that its telemetry has it too: of the user that the token claims.
    ///
    /// A forged token gets no further than the check. What a caller says about the experiment is dropped.
    func context(of request: ServiceRequest, _ context: Context) -> Context {
        guard isRunning else { return context }
        guard let userID = request.claimedUserID else { return context.with(baggage: context.baggage.removing(Self.name)) }
        return context.with(baggage: context.baggage.setting(Self.name, to: variant(of: userID).rawValue))
    }
}

extension ServiceRequest {
    /// The user that the token claims, which is not verified.
    var claimedUserID: Int? {
        let parts = (headers["Authorization"] ?? "").utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64URL.decode(Substring(parts[1])) else { return nil }
        return (try? JSONValue(parsing: bytes))?["id"]?.integerValue
    }
}
