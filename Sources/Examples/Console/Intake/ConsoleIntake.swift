// The receiving side of the console: keeps requests and shows them to observers.

package import ExampleSupport
import Telemetry

/// Receives requests of all signals and keeps them in the stores.
package struct ConsoleIntake: Sendable {
    /// Sees each request that was taken, in protobuf, with the number of the items that were.
    package typealias Observer = @Sendable (_ request: [UInt8], _ signal: OTLPReceivedRequest.Signal, _ items: Int) -> Void

    private let maximumBytes: Int
    private let intake: OTLPIntake
    private let stores: SignalStores
    private let observers: [Observer]
    private let counts: ReceiverCounts

    package init(
        _ stores: SignalStores, maximumBytes: Int = OTLPIntake.maximumRequestBytes, counts: ReceiverCounts = ReceiverCounts(),
        observers: [Observer] = []
    ) {
        self.counts = counts
        self.stores = stores
        self.maximumBytes = maximumBytes
        self.observers = observers
        intake = OTLPIntake("collector", maximumBytes: maximumBytes)
    }

    /// Answers a request of one signal.
    package func answer(_ request: ServiceRequest, _ signal: OTLPReceivedRequest.Signal) async -> ServiceResponse {
        let response = await intake.answerProtobuf(
            request, signal, refused: { stores.reject(signal, $0) }, { body throws(OTLPRequestError) in try keep(body, signal) })
        counts.note(.http, isTaken: response.status == 200)
        return response
    }

    /// Answers a call of one signal.
    package func answer(_ call: GRPCCall, _ signal: OTLPReceivedRequest.Signal) async -> GRPCAnswer {
        await intake.answer(
            call, signal, refused: { stores.reject(signal, $0) }, { body throws(OTLPRequestError) in try keep(body, signal) })
    }

    private func keep(_ body: [UInt8], _ signal: OTLPReceivedRequest.Signal) throws(OTLPRequestError) -> OTLPIntake.Outcome {
        let (count, reason) = try stores.receive(body, signal, maximumBytes: maximumBytes)
        for observer in observers { observer(body, signal, count.accepted) }
        return .kept(rejected: count.rejected, reason: reason)
    }
}
