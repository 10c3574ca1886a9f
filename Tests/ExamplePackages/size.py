#!/usr/bin/env python3
"""Builds Documentation/Examples/Small as its page says, runs it, and fails if the program is too large.

It needs Python 3.9 or newer, without packages. All traffic stays on loopback.
"""

import os
import pathlib
import subprocess
import sys

from receiver import Receiver

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "Documentation" / "Examples" / "Small"
SCRATCH = ROOT / ".build-examples" / "small"
SWIFT = os.environ.get("SWIFT", "swift")
LIMIT = 10 * 1024 * 1024
PATIENCE = 120


def build(*options):
    """Returns the program of a build with the options."""
    where = ["--package-path", str(FOLDER), "--scratch-path", str(SCRATCH), "-c", "release", "--static-swift-stdlib", *options]
    if subprocess.run([SWIFT, "build", *where]).returncode != 0:
        sys.exit("the program could not be built.")
    folder = subprocess.run([SWIFT, "build", *where, "--show-bin-path"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return pathlib.Path(folder) / "Hello"


def main():
    program = build("--toolset", str(FOLDER / "small.json"))
    size = program.stat().st_size
    with Receiver() as receiver:
        status = subprocess.run([str(program)], env=receiver.environment, stdin=subprocess.DEVNULL, timeout=PATIENCE).returncode
        names = [span["name"] for span in receiver.spans]
    print(f"one span, linked statically: {size / 1048576:.2f} MiB, at most {LIMIT / 1048576:.0f}; it ended with {status} and sent {names}")
    sys.exit(0 if size <= LIMIT and status == 0 and names == ["hello"] else 1)


main()
