// Which errors are the same.

import Testing

@testable import TelemetryConsole

struct ErrorFingerprintTests {
    @Test(
        "POC-31: numbers, identifiers and quoted texts of messages are replaced",
        arguments: [
            ("order 17 not found", "order <number> not found"), ("user 'anna' is unknown", "user <quoted> is unknown"),
            ("can't open \"/tmp/a b\"", "can't open <quoted>"), ("trace 0af7651916cd43dd8448eb211c80319c", "trace <id>"),
            ("id 123e4567-e89b-12d3-a456-426614174000 gone", "id <id> gone"), ("at 0x7fff5fbff8c0", "at <id>"),
            ("timeout after 3.5 s", "timeout after <number> s"),
            ("127.0.0.1:5432 refused", "<number> refused"), ("table orders17 is full", "table orders<number> is full"),
            ("no digits here", "no digits here"),
            ("'", "'"), ("", ""), ("expected `a`, got `b`", "expected <quoted>, got <quoted>"),
        ]) func messagesAreNormalized(message: String, result: String)
    {
        #expect(ErrorFingerprint.normalized(message) == result)
    }

    @Test("POC-31: the newest calls of stack traces are found, whatever their language") func framesAreRead() {
        let python = """
            Traceback (most recent call last):
              File "/app/main.py", line 3, in main
                order(7)
              File "/app/shop.py", line 12, in order
                raise KeyError(7)
            """
        #expect(ErrorFingerprint.frames(of: python) == ["shop.py order", "main.py main"])
        let java =
            "java.lang.IllegalStateException: x\n\tat shop.Orders.place(Orders.java:12)\n\tat shop.Main.main(Main.java:3)\n\t... 3 more"
        #expect(ErrorFingerprint.frames(of: java) == ["shop.Orders.place", "shop.Main.main"])
        let script = "TypeError: x\n    at place (/app/orders.js:1:2)\n    at async Router.handle (/app/r.js:3:4)\n    at /app/main.js:5:6"
        #expect(ErrorFingerprint.frames(of: script) == ["place", "Router.handle", "main.js"])
        let go = "goroutine 1 [running]:\nmain.place(0x1)\n\t/app/main.go:12 +0x1d\nmain.main()\n\t/app/main.go:3"
        #expect(ErrorFingerprint.frames(of: go) == ["main.place", "main.main"])
        #expect(ErrorFingerprint.frames(of: "0   shop   0x0000000100003f3c place + 12\n1 shop 0x1 main + 3") == ["place", "main"])
        #expect(ErrorFingerprint.frames(of: "something 12\nelse") == ["something <number>", "else"])
        #expect(ErrorFingerprint.frames(of: "").isEmpty)
    }

    @Test("POC-31: errors are the same by service, type, newest calls and message") func sameErrorsHaveOneFingerprint() {
        var error = ErrorOccurrence()
        (error.service, error.type, error.message, error.stack) = ("shop", "KeyError", "order 7", "  File \"a.py\", line 1, in f")
        let id = ErrorFingerprint(error).id
        var other = error
        (other.message, other.stack, other.release, other.time) = ("order 8", "  File \"a.py\", line 99, in f", "2", 5)
        #expect(ErrorFingerprint(other).id == id && id.count == 16)
        for change: (inout ErrorOccurrence) -> Void in [
            { $0.service = "books" }, { $0.type = "ValueError" }, { $0.message = "no order" },
            { $0.stack = "  File \"a.py\", line 1, in g" },
            { $0.fingerprint = "mine" },
        ] {
            var changed = error
            change(&changed)
            #expect(ErrorFingerprint(changed).id != id)
        }
        // Those that name their own group are in it, whatever else they are.
        (error.fingerprint, other.fingerprint, other.type) = ("mine", "mine", "Another")
        #expect(ErrorFingerprint(error).id == ErrorFingerprint(other).id)
    }
}
