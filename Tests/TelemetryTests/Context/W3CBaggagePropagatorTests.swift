// The `baggage` header of W3C Baggage, and its limits.

import Testing

@testable import Telemetry

@Suite(.serialized) struct W3CBaggagePropagatorTests {
    private let propagator = W3CBaggagePropagator()

    private func extracted(_ header: String) -> Baggage {
        propagator.extract(from: ["baggage": header], into: .root).baggage
    }

    private func injected(_ baggage: Baggage) -> String? {
        var headers: [String: String] = [:]
        propagator.inject(Context.root.with(baggage: baggage), into: &headers)
        return headers["baggage"]
    }

    @Test func whiteSpaceAroundMembersIsTrimmed() {
        let baggage = extracted("SomeKey \t = \t SomeValue \t ; \t SomeProp , \t SomeKey2 = SomeValue2 \t ; SomeProp2=1 ; x")
        #expect(
            baggage.entries == [
                Baggage.Entry(name: "SomeKey", value: "SomeValue", metadata: "SomeProp"),
                Baggage.Entry(name: "SomeKey2", value: "SomeValue2", metadata: "SomeProp2=1 ; x"),
            ])
    }

    @Test(arguments: [
        ("a=1", "1"), ("a=", ""), ("a=a=b=c", "a=b=c"), ("a=1+1", "1+1"), ("a=%201%2C2%3B%25", " 1,2;%"), ("a=%41%6a%6A", "Ajj"),
        ("a=%C3%A9%F0%9F%98%80", "é😀"), ("a=%FF", "\u{FFFD}"), ("a=x%E2%82y", "x\u{FFFD}y"), ("a=%C0%AF", "\u{FFFD}\u{FFFD}"),
        ("a=100%", "100%"), ("a=%4", "%4"), ("a=%zz", "%zz"), ("a=%%41", "%A"),
        ("a=!#$&'()*+-./:<=>?@[]^_`{|}~", "!#$&'()*+-./:<=>?@[]^_`{|}~"),
        ("a=1;", "1"), ("a=1,a=2", "2"), ("a=1,b=3,a=2", "2"), (",,a=1,, ,", "1"),
    ])
    func valueIsDecoded(_ header: String, _ value: String) {
        #expect(extracted(header)["a"] == value)
    }

    @Test(arguments: [
        "", "b", "=1", "b c=1", "b(=1", "é=1", "b=x y", "b=\"x\"", "b=a\\c", "b=é", "b=\u{1}", "b=1;p\u{7f}", "b=1;é", ";", "b;=1",
    ])
    func malformedMemberIsSkippedAndRestIsKept(_ member: String) {
        let baggage = extracted("a=1,\(member),c=3")
        #expect(baggage["a"] == "1" && baggage["c"] == "3")
        #expect(baggage.entries.count == 2)
    }

    @Test func failedExtractLeavesContextUnchanged() {
        let before = Context.root.settingBaggage("mine", to: "1")
        for headers in [[:], ["baggage": ""], ["baggage": ",,"], ["baggage": "é"], ["x": "a=1"]] as [[String: String]] {
            #expect(propagator.extract(from: headers, into: before).node === before.node)
        }
    }

    @Test func namesAndValuesKeepTheirCase() {
        let baggage = extracted("Key=A,key=a,KEY=B")
        #expect(baggage.entries.map(\.value) == ["A", "a", "B"])
        #expect(baggage["Key"] == "A" && baggage["key"] == "a" && baggage["kEY"] == nil)
    }

    @Test func namesAreNotDecoded() {
        #expect(extracted("%41=1")["%41"] == "1")
        #expect(extracted("%41=1")["A"] == nil)
    }

    @Test func severalHeadersAreReadInTheirOrder() {
        let headers = HeaderList([("baggage", "a=1,b=2"), ("Baggage", "c=3,a=4")])
        let baggage = propagator.extract(from: headers, into: .root).baggage
        #expect(baggage.entries.map(\.name) == ["a", "b", "c"])
        #expect(baggage["a"] == "4")
    }

    @Test func valuesAreEncodedAndNamesAreNot() {
        #expect(injected(.empty.setting("a", to: "1 2,3;4\\5\"6%7+8=9")) == "a=1%202%2C3%3B4%5C5%226%257+8=9")
        #expect(injected(.empty.setting("a!#$%&'*+-.^_`|~", to: "é\n")) == "a!#$%&'*+-.^_`|~=%C3%A9%0A")
        #expect(injected(.empty.setting("a", to: "")) == "a=")
        #expect(injected(.empty) == nil)
    }

    @Test func metadataRoundTrips() {
        #expect(injected(extracted("a=1; p1=x ;p2,b=2")) == "a=1;p1=x ;p2,b=2")
    }

    @Test func metadataThatWouldBreakHeaderIsNotSent() {
        for metadata in ["p,evil=1", "p\r\nEvil: 1", "é", "p\u{0}"] {
            #expect(injected(.empty.setting("a", to: "1", metadata: metadata)) == "a=1")
        }
    }

    @Test func entryWhoseNameIsNoTokenIsNotInjected() {
        let before = W3CBaggagePropagator.leftOutMemberCount
        let baggage = Baggage.empty.setting("a b", to: "1").setting("ü", to: "2").setting("a,b", to: "4").setting("ok", to: "3")
        #expect(baggage["ü"] == "2")
        #expect(injected(baggage) == "ok=3")
        #expect(injected(.empty.setting("=", to: "1")) == nil)
        #expect(W3CBaggagePropagator.leftOutMemberCount >= before + 4)
    }

    @Test func membersBeyond64AreDroppedFromEnd() throws {
        var baggage = Baggage.empty
        for number in 1...70 { baggage = baggage.setting("k\(number)", to: "\(number)") }
        let header = try #require(injected(baggage))
        #expect(header == (1...64).map { "k\($0)=\($0)" }.joined(separator: ","))
        #expect(extracted(header).entries.count == 64)
        let read = BaggageHeader.parse([(1...180).map { "k\($0)=\($0)" }.joined(separator: ",")])
        #expect(read.result.entries.map(\.name) == (1...64).map { "k\($0)" })
        #expect(read.overLimitCount == 116)
        #expect(BaggageHeader.text(baggage).overLimitCount == 6)
    }

    @Test func membersBeyond8192BytesAreDroppedFromEnd() throws {
        let fits = Baggage.empty.setting("a", to: String(repeating: "x", count: 4094)).setting("b", to: String(repeating: "y", count: 4093))
        #expect(try #require(injected(fits)).utf8.count == 8192)
        #expect(extracted(try #require(injected(fits))) == fits)
        let over = fits.setting("c", to: "")
        #expect(injected(over) == injected(fits))
        #expect(extracted(try #require(injected(fits)) + ",c=") == fits)
        let longer = fits.setting("b", to: String(repeating: "y", count: 4094)).setting("c", to: "1")
        #expect(injected(longer) == "a=" + String(repeating: "x", count: 4094), "Left out from the end, never cut.")
    }

    @Test func hugeHeaderIsReadUpToLimit() {
        let read = BaggageHeader.parse([String(repeating: "a=1,", count: 50_000)])
        #expect(read.result.entries.count == 1)
        #expect(read.overLimitCount > 40_000)
        #expect(BaggageHeader.parse(["a=" + String(repeating: "x", count: 1_000_000), "b=2"]).result.isEmpty)
    }

    @Test func randomBaggageRoundTrips() {
        var random = SplitMix64(seed: 3)
        for _ in 0..<5_000 {
            var baggage = Baggage.empty
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let name = "n\(random.next() % 10)"
                baggage = baggage.setting(name, to: String(decoding: random.bytes(upTo: 30), as: UTF8.self), metadata: "m=\(random.next())")
            }
            #expect(extracted(injected(baggage) ?? "") == baggage)
        }
    }

    @Test func randomHeadersNeverTrapAndRoundTrip() {
        var random = SplitMix64(seed: 4)
        for round in 0..<10_000 {
            let seed = Array("key1=v%C3%A9;p=1, key2 = value2 ,a=%,b=;;x".utf8)
            let bytes = round % 2 == 0 ? random.bytes(upTo: 60) : random.damaged(seed)
            let read = BaggageHeader.parse([String(decoding: bytes, as: UTF8.self)])
            let again = BaggageHeader.parse([BaggageHeader.text(read.result).result])
            guard again.result == read.result, again.invalidCount == 0 else {
                Issue.record("Read differently after being written: \(bytes)")
                return
            }
        }
    }
}
