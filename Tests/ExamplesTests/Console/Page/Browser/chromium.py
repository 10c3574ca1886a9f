"""Drives a headless Chromium over a pipe with the DevTools protocol; needs nothing but Python and the browser."""

import json
import os
import select
import shutil
import subprocess
import tempfile
import time

# Seconds; longer than the slowest machine takes, so that only what hangs comes to it.
PATIENCE = 120
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Unavailable(Exception):
    """There is no browser here, or it does not start."""


class Unresponsive(Exception):
    """The browser was there, and answers no more."""


def path():
    """Returns the browser of this machine."""
    named = os.environ.get("CHROMIUM")
    for name in (named,) if named else NAMES:
        found = shutil.which(name)
        if found:
            return found
    raise Unavailable("There is no Chromium here.")


class Browser:
    """A browser with one tab, with a profile of its own that is removed at the end."""

    def __init__(self, width=1440, height=900):
        self.profile = tempfile.mkdtemp(prefix="console-browser-")
        (to_browser, self._write), (self._read, from_browser) = os.pipe(), os.pipe()
        # The browser reads from descriptor 3 and writes to descriptor 4.
        command = [
            "sh", "-c", f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}', path(), "--headless=new", "--no-sandbox", "--disable-gpu",
            "--remote-debugging-pipe", f"--user-data-dir={self.profile}", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--hide-scrollbars", "about:blank",
        ]
        self._process = subprocess.Popen(
            command, pass_fds=(to_browser, from_browser), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self._buffer = b""
        self._number = 0
        self._answers = {}
        self._session = None
        self.events = []
        try:
            target = self._wait_for_tab()
        except Unresponsive as reason:
            self.__exit__()
            raise Unavailable(f"Chromium does not start: {reason}") from None
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        # Of accessibility only the tree is asked for: with its domain enabled the browser would keep that tree up to date all the time.
        for domain in ("Page", "Runtime", "Log", "Audits"):
            self.call(f"{domain}.enable")
        self.resize(width, height)

    def _wait_for_tab(self):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for target in self.call("Target.getTargets")["targetInfos"]:
                if target["type"] == "page":
                    return target["targetId"]
            time.sleep(0.05)
        raise Unavailable("Chromium opened no tab.")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close", timeout=5)
        except (Unresponsive, OSError):
            pass
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, timeout=PATIENCE, **parameters):
        """Calls a method and returns its result; events that come meanwhile are kept."""
        return self._result(method, self._send(method, parameters), timeout)

    def _send(self, method, parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session and not method.startswith(("Target.", "Browser.")):
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        try:
            while data:
                data = data[os.write(self._write, data):]
        except BrokenPipeError:
            raise Unresponsive("Chromium has ended.") from None
        return self._number

    def _result(self, method, number, timeout):
        until = time.monotonic() + timeout
        while number not in self._answers:
            answer = self._next(until)
            if answer is None:
                raise Unresponsive(f"Chromium did not answer {method}.")
            if "id" in answer:
                self._answers[answer["id"]] = answer
        answer = self._answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def _next(self, until):
        while b"\0" not in self._buffer:
            if not select.select([self._read], [], [], max(0, until - time.monotonic()))[0]:
                return None
            part = os.read(self._read, 1 << 20)
            if not part:
                raise Unresponsive("Chromium has ended.")
            self._buffer += part
        line, self._buffer = self._buffer.split(b"\0", 1)
        message = json.loads(line)
        if "method" in message:
            self.events.append(message)
        return message

    def open(self, url):
        self.call("Page.navigate", url=url)

    def evaluate(self, expression):
        """Returns the value of an expression of JavaScript; a promise is waited for."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    def until(self, expression, seconds=PATIENCE):
        """Waits until an expression is true and returns its value; the page itself looks again and again, so that no look needs an answer."""
        look = (
            "new Promise(done => { const end = performance.now() + 2000; const look = () => { let value = null; "
            f"try {{ value = {expression} }} catch {{ }} "
            "value ? done(value instanceof Node ? true : value) : performance.now() > end ? done(null) : setTimeout(look, 10) }; look() })")
        end = time.monotonic() + seconds
        while True:
            try:
                value = self.evaluate(look)
            except RuntimeError:
                # The page that looked is left.
                value = None
                time.sleep(0.01)
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"This did not become true in {seconds} s: {expression}")

    def settle(self):
        """Waits until what was asked for is there and was drawn."""
        self.evaluate(
            "new Promise(done => { const rest = () => document.querySelector('.busy') ? setTimeout(rest, 10) "
            ": requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30))); setTimeout(rest, 20) })")

    def resize(self, width, height, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=width < 600)

    def prefer(self, **features):
        """Sets media features such as `prefers_color_scheme="dark"`."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def press(self, *keys):
        """Presses keys by their names, one after another: the next when the page has seen the last one."""
        for key in keys:
            self.press_at_once(key)

    def press_at_once(self, *keys):
        """Presses keys without a pause, as those that the page must see within a time."""
        method, sent = "Input.dispatchKeyEvent", []
        for key in keys:
            code = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowDown": 40, "ArrowUp": 38, "ArrowLeft": 37, "ArrowRight": 39, " ": 32}.get(key, 0)
            text = "\r" if key == "Enter" else key if len(key) == 1 else ""
            event = {"key": key, "windowsVirtualKeyCode": code or (ord(key.upper()) if len(key) == 1 and key.isalnum() else 0)}
            sent.append(self._send(method, {"type": "keyDown" if text else "rawKeyDown", **event, **({"text": text} if text else {})}))
            sent.append(self._send(method, {"type": "keyUp", **event}))
        for number in sent:
            self._result(method, number, PATIENCE)

    def drag(self, selector, start, end):
        """Drags over an element from one share of its width to another, at half of its height."""
        box = self.evaluate(f"(({{ x, y, width, height }}) => ({{ x, y, width, height }}))(document.querySelector({selector!r}).getBoundingClientRect())")
        for kind, share in (("mouseMoved", start), ("mousePressed", start), ("mouseMoved", (start + end) / 2), ("mouseMoved", end), ("mouseReleased", end)):
            self.call("Input.dispatchMouseEvent", type=kind, x=box["x"] + box["width"] * share, y=box["y"] + box["height"] / 2, button="left", buttons=0 if kind == "mouseReleased" else 1, clickCount=1)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def screenshot(self, file):
        import base64
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(file, "wb") as output:
            output.write(base64.b64decode(data))

    def messages(self):
        """Returns what the page reported as errors: exceptions, violations of the policy, errors in the console."""
        self.evaluate("0")
        found = []
        for event in self.events:
            name, parameters = event["method"], event["params"]
            if name == "Runtime.exceptionThrown":
                details = parameters["exceptionDetails"]
                found.append(details.get("exception", {}).get("description") or details["text"])
            elif name == "Log.entryAdded" and parameters["entry"]["level"] == "error":
                found.append(parameters["entry"]["text"] + " " + parameters["entry"].get("url", ""))
            elif name == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "assert"):
                found.append(" ".join(str(argument.get("value")) for argument in parameters["args"]))
            elif name == "Audits.issueAdded" and parameters["issue"]["code"] == "ContentSecurityPolicyIssue":
                found.append("policy: " + json.dumps(parameters["issue"]["details"].get("contentSecurityPolicyIssueDetails", {})))
            elif name == "Page.javascriptDialogOpening":
                found.append("dialog: " + parameters["message"])
        return found
