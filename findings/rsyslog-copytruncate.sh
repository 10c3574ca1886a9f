#!/usr/bin/env bash
# Packages: Debian 12 rsyslog 8.2302.0-1+deb12u2 with libestr0 0.1.11-1 and libfastjson4 1.2304.0-1, logrotate 3.21.0-1 with libpopt0 1.19+dfsg-1
# (unpacked, not installed).
#
# One would guess: rsyslog's imfile, which follows log files, notices that logrotate's copytruncate has emptied one, and goes on at its start; at most
# the lines of the moment between the copy and the cut are lost.
#
# Seen: it goes on at the offset where it was. All lines are lost until the file is as long as before, and the first one that is read begins in the
# middle. Nothing is logged. With reopenOnTruncate="on", which is not the default, all lines are there.
#   10 lines, logrotate, then 20 lines: written line 0 … line 9, "8", line 19 … line 29; lost: line 10 … line 17, a part of line 18
#
# Why it matters: after each rotation a quiet service's log is silent for as long as it takes to write as much as the day before, which is a day; a
# service that starts to fail at night has no errors. It is the usual pair on Debian for a program that cannot reopen its log.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download rsyslog=8.2302.0-1+deb12u2 libestr0=0.1.11-1 libfastjson4=1.2304.0-1 logrotate=3.21.0-1 \
    libpopt0=1.19+dfsg-1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/probe.py" <<'PYTHON'
import os
import subprocess
import sys
import time

root, work = sys.argv[1:]
modules = f"{root}/usr/lib/x86_64-linux-gnu/rsyslog"


def followed(title, option):
    """Writes lines into a log that is rotated after the tenth, and returns what a rsyslog that follows it writes."""
    folder = f"{work}/{title}"
    os.mkdir(folder)
    os.chmod(folder, 0o755)
    with open(f"{folder}/conf", "w") as file:
        file.write(
            f'global(workDirectory="{folder}")\nmodule(load="{modules}/imfile.so" mode="inotify")\n'
            f'input(type="imfile" file="{folder}/app.log" tag="app" {option})\n'
            'template(name="t" type="string" string="%msg%\\n")\n'
            f'action(type="omfile" file="{folder}/out" template="t")\n'
        )
    with open(f"{folder}/rotate", "w") as file:
        file.write(f"{folder}/app.log {{\n  copytruncate\n  rotate 1\n  missingok\n}}\n")
    os.chmod(f"{folder}/rotate", 0o644)
    log = open(f"{folder}/app.log", "a")
    server = subprocess.Popen([f"{root}/usr/sbin/rsyslogd", "-n", "-C", "-M", modules, "-f", f"{folder}/conf", "-i", f"{folder}/pid"])

    def write(numbers):
        for number in numbers:
            log.write(f"line {number}\n")
            log.flush()
            time.sleep(0.05)

    def wait_for(last):
        deadline = time.monotonic() + 30
        while True:
            if os.path.exists(f"{folder}/out"):
                with open(f"{folder}/out") as file:
                    lines = file.read().splitlines()
                if lines and lines[-1].endswith(f"line {last}"):
                    return [line.strip() for line in lines]
            assert time.monotonic() < deadline, title
            time.sleep(0.1)

    try:
        write(range(10))
        wait_for(9)
        subprocess.run([f"{root}/usr/sbin/logrotate", "-f", "-s", f"{folder}/state", f"{folder}/rotate"], check=True)
        assert os.path.getsize(f"{folder}/app.log") == 0
        time.sleep(1)
        write(range(10, 30))
        return wait_for(29)
    finally:
        server.terminate()
        server.wait(20)
        log.close()


whole = [f"line {number}" for number in range(30)]
default = followed("default", "")
print("default:", default)
assert default == whole[:10] + ["8"] + whole[19:], default
reopened = followed("reopen", 'reopenOnTruncate="on"')
print("reopenOnTruncate:", reopened)
assert reopened == whole, reopened
PYTHON
LD_LIBRARY_PATH="$work/root/usr/lib/x86_64-linux-gnu:$work/root/lib/x86_64-linux-gnu" \
    timeout 110 python3 "$work/probe.py" "$work/root" "$work"
