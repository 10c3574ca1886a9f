// How soon a silent receiver is left, by what answers have taken.

import Testing

@testable import Telemetry

struct AnswerTimesTests {
    @Test func silenceIsFourTimesTheSlowestAnswerWithinItsLimits() {
        var estimate = AnswerEstimate()
        #expect(estimate.silence == .milliseconds(900), "Nothing is known.")
        estimate.noteAnswer(after: .milliseconds(1))
        #expect(estimate.silence == .milliseconds(500))
        estimate.noteAnswer(after: .milliseconds(150))
        #expect(estimate.silence == .milliseconds(600))
        estimate.noteAnswer(after: .milliseconds(450))
        #expect(estimate.silence == .milliseconds(900))
    }

    @Test func slowAnswersMakeSilenceMeanNothingUntilTheyFade() {
        var estimate = AnswerEstimate()
        estimate.noteAnswer(after: .milliseconds(451))
        #expect(estimate.silence == nil)
        estimate.noteAnswer(after: .milliseconds(3))
        #expect(estimate.silence == .milliseconds(900), "451 - 448 / 16 = 423")
        for _ in 0..<200 { estimate.noteAnswer(after: .milliseconds(3)) }
        #expect(estimate.silence == .milliseconds(500))
    }

    @Test func threeDeparturesInARowEndImpatience() {
        var estimate = AnswerEstimate()
        for _ in 0..<2 {
            estimate.noteDeparture(after: .milliseconds(900))
            #expect(estimate.silence == .milliseconds(900))
        }
        for _ in 0..<60 { estimate.noteAnswer(after: .milliseconds(1)) }
        for silence in [500, 900, 900] {
            #expect(estimate.silence == .milliseconds(silence))
            estimate.noteDeparture(after: .milliseconds(silence))
        }
        #expect(estimate.silence == nil)
        for _ in 0..<1000 { estimate.noteDeparture(after: .milliseconds(900)) }
        estimate.noteAnswer(after: .milliseconds(1))
        #expect(estimate.silence == .milliseconds(900), "One answer ends the row.")
    }

    @Test(arguments: [20, 10, 3]) func receiversThatAreLeftTooSoonAreWaitedForLater(period: Int) {
        var estimate = AnswerEstimate()
        var departures = 0
        for number in 1...2000 {
            let answer = Duration.milliseconds(number % period == 0 ? 700 : 5)
            if let silence = estimate.silence, silence < answer {
                estimate.noteDeparture(after: silence)
                departures += 1
            } else {
                estimate.noteAnswer(after: answer)
            }
        }
        #expect((1...4).contains(departures), "\(departures)")
    }

    @Test func progressPutsTheLimitOffButNotTheDeadline() {
        var wait = AnswerWait(until: Deadline(nanoseconds: 2_000_000_000), silence: .milliseconds(500), now: 100)
        #expect(wait.limit.nanoseconds == 500_000_100 && wait.endsInSilence)
        wait.noteProgress(at: 400_000_100)
        wait.noteProgress(at: 500_000_000)
        #expect(wait.limit.nanoseconds == 1_000_000_000 && wait.longestSilence == .milliseconds(400))
        wait.noteProgress(at: 1_600_000_000)
        #expect(wait.limit.nanoseconds == 2_000_000_000 && !wait.endsInSilence)
        let patient = AnswerWait(until: Deadline(nanoseconds: 7), now: 0)
        #expect(patient.limit.nanoseconds == 7 && !patient.endsInSilence)
    }
}
