// The report of items that the deadline of a shutdown has cost: one form, whichever way they were lost.

import Testing

@testable import Telemetry

@Suite(.serialized) struct ShutdownLossTests {
    private static let receiver = "http://127.0.0.1:1/v1/traces"

    /// Returns the report of an account of its own.
    private static func report(
        _ name: String, _ items: ItemNoun = .span, _ lose: (ExportAccounting) -> Void
    ) throws -> Diagnostic {
        try diagnostic(containing: name) {
            lose(ExportAccounting(name: name, items: items, destination: receiver, clock: .system))
        }.unwrapped()
    }

    @Test(arguments: [(ItemNoun.span, "5 spans"), (.logRecord, "5 log records"), (.dataPoint, "5 data points")])
    func itemsThatWaitAreReportedWithNumberNounAndCause(items: ItemNoun, quantity: String) throws {
        let report = try Self.report("waiting/\(items.rawValue)", items) { $0.settle(accepted: 5, cause: "connection refused") }
        #expect(report.severity == .error)
        #expect(
            report.message
                == "waiting/\(items.rawValue) to \(Self.receiver): \(quantity) could not be delivered: the deadline of the shutdown came first:"
                + " connection refused.")
    }

    @Test func exportThatWasCutOffIsReportedInTheSameForm() throws {
        let report = try Self.report("cut-off/0") { accounting in
            _ = accounting.deliver(5, isCutOff: { true }) { .failed(.timedOut(reason: "\(Self.receiver), 3 attempts: connection refused")) }
        }
        #expect(report.severity == .error)
        #expect(
            report.message
                == "cut-off/0: 5 spans could not be delivered: the deadline of the shutdown came first: \(Self.receiver), 3 attempts:"
                + " connection refused.")
    }

    @Test func exportWithoutAnswerNamesTheReceiverThatHasNotAnswered() throws {
        let report = try Self.report("unanswered/0") { accounting in
            _ = accounting.deliver(1, isCutOff: { true }) {
                accounting.settle(accepted: 1, cause: nil)
                return .failed(.shutDown)
            }
        }
        #expect(report.severity == .error)
        #expect(
            report.message
                == "unanswered/0: 1 span could not be delivered: the deadline of the shutdown came first: \(Self.receiver) has not answered."
        )
    }

    @Test func itemsBehindAnExportThatWasCutOffNameItsCauseOnce() throws {
        var health = PipelineHealth(name: "behind/0", destination: Self.receiver, queueCapacity: 0)
        let accounting = ExportAccounting(name: "behind/0", items: .span, destination: Self.receiver, clock: .system)
        _ = accounting.deliver(2, isCutOff: { true }) { .failed(.timedOut(reason: "refused")) }
        accounting.settle(accepted: 7, cause: nil)
        accounting.add(to: &health)
        #expect(health.dropped == [.shutdownDeadline: 7])
        #expect(health.lastFailure?.message == "the deadline of the shutdown came first: refused")
    }
}
