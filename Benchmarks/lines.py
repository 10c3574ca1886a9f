#!/usr/bin/env python3
"""Shows what a call of a row takes: instructions by function, locked operations, and the cache lines that it touches.

    lines.py PROGRAM [ROW…]     (FUNCTIONS=8 lists so many functions of each row; COMPILER=cc)

Three runs below valgrind for each row, on x86_64 with GNU binutils. One follows calls address by address (`lackey`): each begins with the
first instruction that is run as often as there are calls, and the medians of the last ones are printed. Two count a number of calls and twice as many
(`callgrind --cache-sim=yes`, caches of an EPYC): their difference is what a call misses in its caches, and what other threads do for it.

The area of restartable sequences is given to the program by `processor_area.c`, so that the same path is counted that runs on a machine whose
kernel restarts them. The cycle counter cannot be a clock there: reading the time is a call of the C library.
"""

import collections
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import rows

CALLS = 403
# The first calls after a round has begun do what is done once in many of them.
FOLLOWED = 60
LINE = 64
CACHES = ("--cache-sim=yes", "--I1=32768,8,64", "--D1=32768,8,64", "--LL=33554432,16,64")
OWN, CALLER, RUNTIME, LIBRARY = "SDK", "caller", "Swift runtime", "C library"
GROUPS = (OWN, RUNTIME, LIBRARY, CALLER)


class Program:
    """The code that a process has mapped: names of functions, and which instructions are locked."""

    def __init__(self, process):
        self.objects = []
        self.symbols = {}
        for text in pathlib.Path(f"/proc/{process}/maps").read_text().splitlines():
            fields = text.split(maxsplit=5)
            first, end = (int(part, 16) for part in fields[0].split("-"))
            if len(fields) < 6 or not fields[5].startswith("/"):
                continue
            self.objects.append((first, end, int(fields[2], 16), fields[5]))

    def locate(self, address):
        """Returns the file of an address and the address within it; None for memory without a file."""
        for first, end, offset, path in self.objects:
            if first <= address < end:
                return path, address - first + self.segment(path, offset)
        return None

    def is_data(self, address):
        """Returns whether an address lies in the data of a file, that which begins as zeroes included."""
        for first, _, offset, path in self.objects:
            if first <= address and address - first + self.segment(path, offset) < self.end(path, offset):
                return True
        return False

    def end(self, path, offset):
        """Returns where the segment that holds an offset of a file ends in memory."""
        return next((end for start, _, size, end in self.symbols[path]["segments"] if start & ~0xFFF <= offset < start + size), 0)

    def segment(self, path, offset):
        """Returns the virtual address at which the segment that holds an offset of a file is linked, moved to that offset."""
        if path not in self.symbols:
            self.read(path)
        for start, virtual, size, _ in self.symbols[path]["segments"]:
            if start & ~0xFFF <= offset < start + size:
                return virtual + offset - start
        return offset

    def read(self, path):
        segments = [
            (int(found[1], 16), int(found[2], 16), int(found[3], 16), int(found[2], 16) + int(found[4], 16))
            for found in re.finditer(r"^  LOAD +(0x\w+) (0x\w+) 0x\w+ (0x\w+) (0x\w+)", tool("readelf", "-lW", path), re.MULTILINE)]
        names = []
        for options in ((), ("-D",)):
            for text in tool("nm", "--defined-only", "--print-size", *options, path, check=False).splitlines():
                fields = text.split()
                if len(fields) == 4 and fields[2] in "tTwWiVvu":
                    names.append((int(fields[0], 16), int(fields[1], 16), fields[3].split("@")[0]))
        self.symbols[path] = {"segments": segments, "names": sorted(set(names))}

    def function(self, address):
        """Returns the file and the name of the function of an instruction."""
        place = self.locate(address)
        if place is None:
            return "", "?"
        path, virtual = place
        names = self.symbols[path]["names"]
        low, high = 0, len(names)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if names[middle][0] <= virtual else (low, middle)
        if low and virtual < names[low - 1][0] + names[low - 1][1]:
            return path, names[low - 1][2]
        return path, f"a function of {pathlib.Path(path).name}"

    def locked(self, addresses):
        """Returns the instructions among the addresses that lock a cache line."""
        by_file = collections.defaultdict(dict)
        for address in addresses:
            place = self.locate(address)
            if place:
                by_file[place[0]][place[1]] = address
        locked = set()
        for path, places in by_file.items():
            ordered = sorted(places)
            start = 0
            for index, place in enumerate(ordered):
                if index + 1 < len(ordered) and ordered[index + 1] - place < 2048:
                    continue
                text = tool("objdump", "-d", "--no-show-raw-insn", f"--start-address={ordered[start]}", f"--stop-address={place + 16}", path)
                for found in re.finditer(r"^ *([0-9a-f]+):\s+(lock\b.*|xchg .*\(.*)$", text, re.MULTILINE):
                    if int(found[1], 16) in places:
                        locked.add(places[int(found[1], 16)])
                start = index + 1
        return locked


def tool(*command, check=True):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120)
    if check and done.returncode != 0:
        sys.exit(f"lines: {' '.join(map(str, command))}: {done.stderr}")
    return done.stdout


def group(path, name):
    library = pathlib.Path(path).name
    if library.startswith("libswift") or name.startswith(("swift_", "$ss", "$sS")):
        return RUNTIME
    # The benchmarks count allocations in functions of their own, in front of those of the C library.
    if ".so" in library or name in ("malloc", "calloc", "realloc", "posix_memalign"):
        return LIBRARY
    # Names of the benchmarks' module, and of its C target.
    return CALLER if name.startswith(("$s10Benchmarks", "allocation_count", "?")) else OWN


# MARK: Following calls


def marker(program):
    """Returns the address of the function that is called before and after the calls, within the program's file."""
    for text in tool("nm", program).splitlines():
        if text.endswith(" allocation_count"):
            return int(text.split()[0], 16)
    return sys.exit(f"lines: {program} has no symbols.")


def follow(program, row, area):
    """Returns the accesses of the calls, as tuples of kind, address and size, the mapped code and the stack's address."""
    mark_in_file = marker(program)
    environment = os.environ | {"LD_PRELOAD": str(area)}
    command = ["valgrind", "--quiet", "--vgdb=no", "--tool=lackey", "--trace-mem=yes", "--basic-counts=no", program, "--allocations", row, str(CALLS)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment, text=True, bufsize=1 << 20)
    mark, stack, lines, code, last, seen = None, 0, [], None, "", 0
    try:
        for text in process.stderr:
            if mark is None:
                if not text.startswith("I"):
                    continue
                # The program is mapped before its first instruction.
                base = min(first for first, _, _, path in Program(process.pid).objects if os.path.samefile(path, program))
                mark = f"I  {base + mark_in_file:08x},"
            if text.startswith(mark):
                seen += 1
                if seen == 1:
                    code = Program(process.pid)
                    # The call has stored where it returns to.
                    stack = int(last[3:].split(",")[0], 16)
                else:
                    break
            elif seen == 1:
                lines.append(text)
            last = text
    finally:
        process.kill()
        process.wait()
    accesses = []
    for text in lines:
        if text[:3] in ("I  ", " L ", " S ", " M "):
            address, size = text[3:].split(",")
            accesses.append((text[:2].strip(), int(address, 16), int(size)))
    return accesses, code, stack


def split(accesses):
    """Returns the accesses of each call."""
    counts = collections.Counter(address for kind, address, _ in accesses if kind == "I")
    head = next((address for kind, address, _ in accesses if kind == "I" and counts[address] == CALLS), None)
    if head is None:
        return []
    starts = [index for index, (kind, address, _) in enumerate(accesses) if kind == "I" and address == head]
    # The last call ends with the row, which does something else then.
    return [accesses[start:end] for start, end in zip(starts, starts[1:])][-FOLLOWED:]


def touched(call):
    """Returns the lines that a call reads and does not write, and those that it writes."""
    read, written = set(), set()
    for kind, address, size in call:
        if kind != "I":
            lines = range(address // LINE, (address + size - 1) // LINE + 1)
            (read if kind == "L" else written).update(lines)
    return read - written, written


def place(line, code, stack):
    if abs(line * LINE - stack) < 1 << 16:
        return "stack"
    return "data" if code.is_data(line * LINE) else "heap"


def parts(program, row, area):
    """Returns the medians of the calls."""
    accesses, code, stack = follow(program, row, area)
    calls = split(accesses)
    if not calls:
        return None
    # That of the median, for the list of its functions: others stand for what is done once in many calls.
    usual = sorted(calls, key=lambda call: sum(1 for kind, _, _ in call if kind == "I"))[len(calls) // 2]
    names = {address: code.function(address) for address in {address for kind, address, _ in accesses if kind == "I"}}
    locked = code.locked(names)
    functions = collections.Counter(names[address] for kind, address, _ in usual if kind == "I")

    def median(value):
        return statistics.median(value(call) for call in calls)

    def instructions(call, kind):
        return sum(1 for access, address, _ in call if access == "I" and group(*names[address]) == kind)

    found = {kind: median(lambda call: instructions(call, kind)) for kind in GROUPS}
    found["instructions"] = median(lambda call: sum(1 for kind, _, _ in call if kind == "I"))
    found["reads"] = median(lambda call: sum(1 for kind, _, _ in call if kind in "LM"))
    found["writes"] = median(lambda call: sum(1 for kind, _, _ in call if kind in "SM"))
    found["locked"] = median(lambda call: sum(1 for kind, address, _ in call if kind == "I" and address in locked))
    for where in ("stack", "heap", "data"):
        found[where] = [
            median(lambda call: sum(1 for line in touched(call)[side] if place(line, code, stack) == where)) for side in (0, 1)]
    found["code"] = median(lambda call: len({address // LINE for kind, address, _ in call if kind == "I"}))
    found["functions"] = functions.most_common(int(os.environ.get("FUNCTIONS", "0")))
    return found


# MARK: Misses, and other threads


def misses(program, row, calls, area):
    """Returns the events of a call on its own thread, and on all others."""
    runs = []
    for count in (calls, 2 * calls):
        with tempfile.TemporaryDirectory() as folder:
            command = [
                "valgrind", "--quiet", "--tool=callgrind", "--separate-threads=yes", *CACHES, f"--callgrind-out-file={folder}/counts", program,
                "--allocations", row, str(count)]
            subprocess.run(command, capture_output=True, timeout=600, check=True, env=os.environ | {"LD_PRELOAD": str(area)})
            own, others = collections.Counter(), collections.Counter()
            for path in pathlib.Path(folder).iterdir():
                text = path.read_text()
                events = re.search(r"^events: (.*)$", text, re.MULTILINE)
                total = re.search(r"^(?:totals|summary): (.*)$", text, re.MULTILINE)
                thread = re.search(r"^thread: (\d+)", text, re.MULTILINE)
                if events and total and thread:
                    numbers = dict(zip(events[1].split(), map(int, total[1].split())))
                    (own if thread[1] == "1" else others).update(numbers)
            runs.append((own, others))
    return [
        {event: (many[event] - few[event]) / calls for event in many} for few, many in zip(*runs)]


def text(number):
    return f"{number:,.0f}" if number >= 10 or number == round(number) else f"{number:.1f}"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program = sys.argv[1]
    listed = rows.rows(program)
    wanted = sys.argv[2:] or [row for row in listed if not listed[row][1]]
    unknown = [row for row in wanted if row not in listed]
    if unknown:
        sys.exit(f"{', '.join(unknown)}: there is no such row; there are {', '.join(listed)}")
    with tempfile.TemporaryDirectory() as folder:
        area = pathlib.Path(folder) / "processor_area.so"
        source = pathlib.Path(__file__).with_name("processor_area.c")
        tool(os.environ.get("COMPILER", "cc"), "-shared", "-fPIC", "-O2", "-o", area, source)
        print(
            "| row | instructions: SDK + Swift runtime + C library + caller | locked | reads, writes | lines read, and written: heap; data; stack"
            " | lines of code | misses of D1, LL | other threads: instructions, misses of D1, LL |")
        print("| --- | --- | --- | --- | --- | --- | --- | --- |")
        for row in wanted:
            found = parts(program, row, area)
            own, others = misses(program, row, listed[row][0], area)

            def missed(events):
                first = sum(events.get(event, 0) for event in ("D1mr", "D1mw"))
                last = sum(events.get(event, 0) for event in ("DLmr", "DLmw"))
                return f"{first:.2f}, {last:.2f}"

            if found is None:
                cells = [f"{text(own['Ir'])}", "", "", "", ""]
            else:
                cells = [
                    f"{text(found['instructions'])}: {' + '.join(text(found[kind]) for kind in GROUPS)}", text(found["locked"]),
                    f"{text(found['reads'])}, {text(found['writes'])}",
                    "; ".join(", ".join(map(text, found[where])) for where in ("heap", "data", "stack")), text(found["code"])]
            cells += [missed(own), f"{text(others.get('Ir', 0))}, {missed(others)}"]
            print(f"| {row} | {' | '.join(cells)} |", flush=True)
            listing = "\n".join(f"    {count:6} {name}" for (_, name), count in (found or {}).get("functions", []))
            if listing:
                print(demangled(listing), flush=True)


def demangled(listing):
    """Returns the text with the names of Swift functions as they are in the source, where the tool is installed."""
    try:
        return subprocess.run(["swift", "demangle", "--simplified"], input=listing, capture_output=True, text=True, check=True).stdout.rstrip()
    except (OSError, subprocess.CalledProcessError):
        return listing


main()
