#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-threading 0.66b1 with opentelemetry-sdk 1.45.1.
#
# One would guess: with the instrumentation a thread goes on in the context of whoever started it, whichever of the two documented ways made it: a
# function given to Thread, or a subclass with its own run(). Timer, which is such a subclass, works.
#
# Seen: a subclass of Thread or of Timer that has its own run() begins with no context; its spans are roots of new traces, and baggage is gone. What
# is wrapped are the run() methods of these two classes, and the subclass's own is none of them. One that calls super().run() has the context there
# only.
#   Thread(target=…): child
#   Timer(…): child
#   ThreadPoolExecutor.submit: child
#   class of Thread with run(): root
#   class of Timer with run(): root
#
# Why it matters: clients of brokers and schedulers (and much code of one's own) subclass Thread. Beside other threads that keep their trace the gap
# looks like a fault of the one service. Such a class has to take opentelemetry.context.get_current() when it is made, and attach it in run().
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-threading==0.66b1
cat > "$work/probe.py" <<'PYTHON'
from concurrent.futures import ThreadPoolExecutor
from threading import Thread, Timer

from opentelemetry.instrumentation.threading import ThreadingInstrumentor
from opentelemetry.sdk.trace import TracerProvider

ThreadingInstrumentor().instrument()
tracer = TracerProvider().get_tracer("probe")
seen = {}


def record(name):
    with tracer.start_as_current_span("work") as span:
        seen[name] = "child" if span.parent else "root"


class OwnThread(Thread):
    def run(self):
        record("class of Thread with run()")


class OwnTimer(Timer):
    def run(self):
        self.finished.wait(self.interval)
        self.function(*self.args, **self.kwargs)


with tracer.start_as_current_span("request"):
    threads = [
        Thread(target=record, args=("Thread(target=…)",)),
        Timer(0, record, ("Timer(…)",)),
        OwnThread(),
        OwnTimer(0, record, ("class of Timer with run()",)),
    ]
    for thread in threads:
        thread.start()
        thread.join()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(record, "ThreadPoolExecutor.submit").result()
for name, relation in seen.items():
    print(f"{name}: {relation}")
assert seen == {
    "Thread(target=…)": "child",
    "Timer(…)": "child",
    "class of Thread with run()": "root",
    "class of Timer with run()": "root",
    "ThreadPoolExecutor.submit": "child",
}, seen
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
