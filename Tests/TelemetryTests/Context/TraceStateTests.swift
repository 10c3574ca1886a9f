// The list grammar and the mutation rules of trace state in W3C Trace Context Level 2.

import Testing

@testable import Telemetry

struct TraceStateTests {
    @Test(arguments: [
        ("", ""), ("foo=1", "foo=1"), ("foo=1,bar=2", "foo=1,bar=2"), (",foo=1,,bar=2,", "foo=1,bar=2"), (" , ,\t", ""),
        ("foo=1 \t , \t bar=2, \t baz=3", "foo=1,bar=2,baz=3"), ("foo=1\t \t,\t \tbar=2,\t \tbaz=3", "foo=1,bar=2,baz=3"),
        ("foo= 1", "foo= 1"), ("foo=a b  ", "foo=a b"), ("0=1", "0=1"), ("a@b@c=1", "a@b@c=1"), ("foo@=1,bar=2", "foo@=1,bar=2"),
        ("0-_*/@=!\"#$%&'()*+-./:;<>?@[\\]^_`{|}~", "0-_*/@=!\"#$%&'()*+-./:;<>?@[\\]^_`{|}~"),
        ("foo=1,foo=2", "foo=1"), ("a=1,b=2,a=3,c=4", "a=1,b=2,c=4"),
    ])
    func validListIsParsed(_ header: String, _ expected: String) throws {
        let state = try #require(TraceState(headerValue: header))
        #expect(state.headerValue == expected)
        #expect(state.isEmpty == expected.isEmpty)
        #expect(TraceState(headerValue: expected) == state)
    }

    @Test(arguments: [
        "foo", "=", "=1", "foo=", "foo=,bar=3", "foo= ", "foo=1=2", "foo=bar=baz", "FOO=1", "Foo=1", "foo =1", "foo.bar=1", "@foo=1",
        "_foo=1", "-a=1", "*a=1", "/a=1", "foo=1;bar=2,=", "foo=\u{7f}", "foo=\u{1}", "foo=a\tb", "foo=é", "é=1", "foo=1,bar",
        "foo=1 bar=2", "foo=\u{0}", "a=1\n,b=2", "a=1\r\nb=2",
    ])
    func oneMalformedMemberMakesWholeListInvalid(_ header: String) {
        #expect(TraceState(headerValue: header) == nil)
        #expect(TraceState(headerValue: "ok=1,\(header)") == nil)
    }

    @Test func keysAndValuesHaveUpTo256Characters() {
        let long = String(repeating: "z", count: 256)
        #expect(TraceState(headerValue: "\(long)=1")?[long] == "1")
        #expect(TraceState(headerValue: "a=\(long)")?["a"] == long)
        #expect(TraceState(headerValue: "a=\(long)   ")?["a"] == long)
        #expect(TraceState(headerValue: "\(long)z=1") == nil)
        #expect(TraceState(headerValue: "a=\(long)z") == nil)
        #expect(TraceState(headerValue: "\(String(repeating: "t", count: 241))@\(String(repeating: "v", count: 14))=1") != nil)
    }

    @Test func listHasUpTo32Members() {
        let members = (1...32).map { "bar\($0)=\($0)" }.joined(separator: ",")
        #expect(TraceState(headerValue: members)?.members.count == 32)
        #expect(TraceState(headerValue: members)?.headerValue == members)
        #expect(TraceState(headerValue: members + ",,, ,")?.headerValue == members)
        #expect(TraceState(headerValue: members + ",bar33=33") == nil)
    }

    @Test func severalHeadersAreJoinedInOrder() {
        #expect(TraceState(headerValues: ["foo=1,bar=2", "", "rojo=1"])?.headerValue == "foo=1,bar=2,rojo=1")
        #expect(TraceState(headerValues: ["foo=1", "FOO=1"]) == nil)
        #expect(TraceState(headerValues: [])?.isEmpty == true)
    }

    @Test func valueIsFoundByItsKey() throws {
        let state = try #require(TraceState(headerValue: "rojo=00f067aa0ba902b7, congo=t61rcWkgMzE"))
        #expect(state["rojo"] == "00f067aa0ba902b7")
        #expect(state["congo"] == "t61rcWkgMzE")
        #expect(state["cong"] == nil)
        #expect(TraceState.empty["rojo"] == nil)
        #expect(state.members.map(\.key) == ["rojo", "congo"])
    }

    @Test func changedOrAddedKeyMovesToFront() throws {
        let state = try #require(TraceState(headerValue: "a=1,b=2,c=3"))
        #expect(state.setting("c", to: "4").headerValue == "c=4,a=1,b=2")
        #expect(state.setting("d", to: "5").headerValue == "d=5,a=1,b=2,c=3")
        #expect(state.removing("b").headerValue == "a=1,c=3")
        #expect(state.removing("x") == state)
        #expect(state.removing("a").removing("b").removing("c").isEmpty)
        #expect(state.headerValue == "a=1,b=2,c=3", "The state itself never changes.")
    }

    @Test func addedMemberBeyond32DropsRightMost() throws {
        let state = try #require(TraceState(headerValue: (1...32).map { "k\($0)=1" }.joined(separator: ",")))
        let grown = state.setting("new", to: "1")
        #expect(grown.members.count == 32)
        #expect(grown.members.first?.key == "new")
        #expect(grown["k32"] == nil && grown["k31"] == "1")
        #expect(state.setting("k32", to: "2").members.count == 32)
    }

    @Test(arguments: [
        ("", "1"), ("K", "1"), ("_a", "1"), ("a b", "1"), (String(repeating: "a", count: 257), "1"), ("a", ""), ("a", "x,y"), ("a", "x=y"),
        ("a", "x "), ("a", "é"), ("a", "x\ty"), ("a", "x\ny"), ("a", String(repeating: "a", count: 257)), ("a,b=1,c", "1"),
    ])
    func invalidMemberIsNotSet(_ key: String, _ value: String) throws {
        let state = try #require(TraceState(headerValue: "a=1,b=2"))
        #expect(state.setting(key, to: value) == state)
        #expect(TraceState.empty.setting(key, to: value).isEmpty)
        #expect(TraceState(members: [(key, value), ("z", "1")]).headerValue == "z=1")
    }

    @Test func headerBeyondLimitDropsLongMembersThenRightMost() throws {
        let long = String(repeating: "x", count: 127)
        let state = try #require(TraceState(headerValue: "a=1,b=\(long),c=3,d=\(long),e=5"))
        #expect(state.headerValue(maximumLength: 512) == state.headerValue)
        #expect(state.headerValue(maximumLength: 200) == "a=1,b=\(long),c=3,e=5")
        #expect(state.headerValue(maximumLength: 100) == "a=1,c=3,e=5")
        #expect(state.headerValue(maximumLength: 11) == "a=1,c=3,e=5")
        #expect(state.headerValue(maximumLength: 10) == "a=1,c=3")
        #expect(state.headerValue(maximumLength: 2) == "")
    }

    @Test func headerIsLimitedTo8192Characters() throws {
        var state = TraceState.empty
        for number in 0..<32 { state = state.setting("k\(number)", to: String(repeating: "v", count: 255)) }
        #expect(state.members.count == 32)
        #expect(state.headerValue.utf8.count <= 8192)
        #expect(state.headerValue.utf8.count > 8192 - 260)
        let under = try #require(TraceState(headerValue: state.headerValue))
        #expect(under.headerValue == state.headerValue)
    }

    @Test func canonicalListIsPassedOnUnchanged() throws {
        let header = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"
        #expect(TraceStateGrammar.check(header) == .canonical)
        #expect(TraceStateGrammar.check("rojo=1, congo=2") == .valid)
    }

    @Test func equalityIgnoresWhiteSpaceOfHeader() {
        #expect(TraceState(headerValue: "a=1, b=2,,") == TraceState(headerValue: "a=1,b=2"))
        #expect(TraceState(headerValue: "a=1,b=2") != TraceState(headerValue: "b=2,a=1"))
        #expect(Set([TraceState(headerValue: "a=1 "), TraceState(headerValue: "a=1")]).count == 1)
    }

    @Test func randomChangesKeepStateValid() throws {
        var random = SplitMix64(seed: 6)
        var state = TraceState.empty
        for _ in 0..<5_000 {
            let key = Int.random(in: 0..<50, using: &random) == 0 ? "Bad Key" : "k\(Int.random(in: 0..<45, using: &random))"
            let before = state
            if Int.random(in: 0..<4, using: &random) == 0 {
                state = state.removing(key)
                #expect(state[key] == nil)
            } else {
                let value = String(decoding: random.bytes(upTo: 6), as: UTF8.self)
                state = state.setting(key, to: value)
                #expect(state == before || state.members.first ?? ("", "") == (key, value))
            }
            #expect(state.members.count <= 32 && Set(state.members.map(\.key)).count == state.members.count)
            let read = try #require(TraceState(headerValue: state.headerValue))
            #expect(read == state && TraceStateGrammar.check(state.headerValue) == .canonical)
        }
    }
}
