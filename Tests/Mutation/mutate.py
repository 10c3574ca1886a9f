#!/usr/bin/env python3
"""Says what the tests would not notice: changes the SDK's source in many places, one at a time, and runs the suites that see each.

All mutants of a run are compiled at once, each behind a number that the test process is given when it starts: `if count > 0` becomes
`if isMutant(7) != (count > 0)`. A first run of every suite, each in a process of its own, finds which suites reach which mutant; then each
mutant is run with these alone, the suite that mirrors its file first, until one fails. A mutant that none notices has survived.

    make mutate SEED=1 COUNT=200        the whole run
    Tests/Mutation/mutate.py --help     a run in parts (--minutes, --resume), single mutants (--only), the check of this program

The sources are copied to `.build-mutants/tree` and built there; nothing else is written. Python is needed, and
no package of it.
"""

import argparse
import collections
import concurrent.futures
import difflib
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRATCH = ROOT / ".build-mutants"
TREE = SCRATCH / "tree"
SDK = "Sources/Telemetry"
KINDS = ("negate", "drop", "swap")

# The bridges are not built by default; the other lines state what must hold anyway, or only how much memory is set aside.
LEFT_OUT_FOLDERS = {"Bridges"}
LEFT_OUT_LINES = re.compile(r"\b(assert|precondition|assertionFailure|preconditionFailure|fatalError|reserveCapacity|minimumCapacity)\b")
# These read the sources or the documents, not what the code does.
LEFT_OUT_SUITES = {"TelemetryTests." + name for name in ("LayeringTests", "DocumentationTests", "ConformanceTests", "ProgramTests")}

# What is compiled into the copy. The number comes over a descriptor, as some tests start programs with an environment of their own.
NUMBER_DESCRIPTOR, TRACE_DESCRIPTOR = 200, 201
SWITCH = """// Tells which mutant is on; written by Tests/Mutation/mutate.py.

import Glibc

private let active: Int = {
    var text = [UInt8](repeating: 0, count: 16)
    let count = pread(%d, &text, text.count, 0)
    return count > 0 ? Int(String(decoding: text.prefix(count), as: UTF8.self)) ?? 0 : 0
}()

/// One byte a mutant, set once it was reached; nil unless this is being traced.
nonisolated(unsafe) private let reached: UnsafeMutablePointer<UInt8>? = {
    guard fcntl(%d, F_GETFD) >= 0 else { return nil }
    let flags = UnsafeMutablePointer<UInt8>.allocate(capacity: %d)
    flags.initialize(repeating: 0, count: %d)
    return flags
}()

@inline(never)
public func isMutant(_ number: Int) -> Bool {
    if let reached, reached[number] == 0 {
        reached[number] = 1
        let line = Array("\\(number)\\n".utf8)
        let saved = errno
        _ = write(%d, line, line.count)
        errno = saved
    }
    return number == active
}
"""


# MARK: Finding what can be changed


def masked(source):
    """The source with comments and the contents of strings replaced by spaces, so that brackets and operators in them do not count."""
    out = list(source)
    index, end = 0, len(source)

    def blank(start, stop):
        for position in range(start, min(stop, end)):
            if out[position] != "\n":
                out[position] = " "

    def skip_string(start):
        hashes = 0
        while source[start + hashes] == "#":
            hashes += 1
        opening = start + hashes
        quote = '"""' if source.startswith('"""', opening) else '"'
        position = opening + len(quote)
        closing, escape = quote + "#" * hashes, "\\" + "#" * hashes
        while position < end and not source.startswith(closing, position):
            if source.startswith(escape + "(", position):
                position += len(escape) + 1
                depth = 1
                while position < end and depth:
                    if source[position] == '"':
                        position = skip_string(position)
                        continue
                    depth += {"(": 1, ")": -1}.get(source[position], 0)
                    position += 1
            elif source.startswith(escape, position):
                position += len(escape) + 1
            else:
                position += 1
        return position + len(closing)

    while index < end:
        if source.startswith("//", index):
            stop = source.find("\n", index)
            stop = end if stop < 0 else stop
            blank(index, stop)
        elif source.startswith("/*", index):
            stop = source.find("*/", index)
            stop = end if stop < 0 else stop + 2
            blank(index, stop)
        elif source[index] == '"' or re.match(r'#+"', source[index : index + 4]):
            stop = skip_string(index)
            blank(index, stop)
            out[index], out[min(stop, end) - 1] = '"', '"'
        else:
            stop = index + 1
        index = stop
    return "".join(out)


def bracket_contexts(lines):
    """For each line, the brackets that are open where it begins: pairs of the bracket and, for a brace, the words before it."""
    stack, contexts = [], []
    for line in lines:
        contexts.append(list(stack))
        for column, character in enumerate(line):
            if character in "([":
                stack.append((character, ""))
            elif character == "{":
                stack.append((character, line[:column].strip()))
            elif character in ")]}" and stack:
                stack.pop()
    return contexts


def left_out_by_traits(lines):
    """Whether each line stands between `#if` and `#else` or `#endif` of a package trait; none is enabled by default."""
    stack, left_out = [], []
    for line in lines:
        words = line.split()
        if words and words[0] == "#if":
            stack.append(re.search(r"(?<!!)\bSwift(Log|Metrics|Tracing)\b", line) is not None)
        elif words and words[0] in ("#else", "#elseif") and stack:
            stack[-1] = False
        elif words and words[0] == "#endif" and stack:
            stack.pop()
        left_out.append(any(stack))
    return left_out


def split_at_commas(text):
    """The parts of a condition list, each as (start, stop)."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append((start, position))
            start = position + 1
    return parts + [(start, len(text))]


def is_balanced(text):
    depth = 0
    for character in text:
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0


def condition_ranges(line):
    """Where conditions stand on a masked line, as (start, stop)."""
    found = []
    header = re.match(r"^\s*(?:\} )?(?:else )?(?:if|while) (.*) \{(?:.*)?$", line) or re.match(r"^\s*guard (.*) else \{.*$", line)
    if header:
        text = header.group(1)
        # `if a { x } else { y }` on one line: the condition ends at the first brace.
        if not is_balanced(text) or " { " in text:
            text = text.split(" {")[0]
        for start, stop in split_at_commas(text):
            part = text[start:stop]
            trimmed = part.strip()
            if re.match(r"^(let|var|case|#|try|await)\b|^#", trimmed) or not trimmed or not is_balanced(trimmed):
                continue
            begin = header.start(1) + start + (len(part) - len(part.lstrip()))
            found.append((begin, begin + len(trimmed)))
    body = re.match(r"^.*(?:: Bool|-> Bool) \{ (?:return )?([^{}]+) \}$", line)
    if body and is_balanced(body.group(1)) and not re.match(r"^(try|await|get|switch|if)\b", body.group(1)):
        found.append(body.span(1))
    for question in re.finditer(r" \? ", line):
        position, depth = question.start(), 0
        while position > 0:
            character = line[position - 1]
            if character in ")]}":
                depth += 1
            elif character in "([{":
                if depth == 0:
                    break
                depth -= 1
            elif depth == 0 and (character == "," or re.search(r"( [-+*/]?= | \? | : |return |\bin |: )$", line[:position])):
                break
            position -= 1
        text = line[position : question.start()]
        trimmed = text.strip()
        if trimmed and is_balanced(trimmed) and not re.match(r"^(try|await)\b", trimmed):
            begin = position + (len(text) - len(text.lstrip()))
            found.append((begin, begin + len(trimmed)))
    return found


KEYWORDS = (
    "let var guard if else for while switch case default func return throw throws defer do repeat import public private package internal "
    "fileprivate static final override mutating struct class enum extension protocol init deinit subscript typealias get set willSet "
    "didSet catch indirect nonisolated unowned weak lazy where consuming borrowing yield actor associatedtype"
).split()


def is_statement(index, lines, contexts):
    """Whether a masked line is one whole statement whose absence can be thought of: a call, an assignment, an early exit."""
    text = lines[index].strip()
    context = contexts[index]
    if not text or not context or context[-1][0] != "{" or not is_balanced(text):
        return False
    header = context[-1][1]
    if re.search(r"\b(struct|class|enum|extension|protocol|actor)\b", header) and "func" not in header:
        return False
    before = next((lines[i].strip() for i in range(index - 1, -1, -1) if lines[i].strip()), "")
    after = next((lines[i].strip() for i in range(index + 1, len(lines)) if lines[i].strip()), "")
    if re.search(r"([-+*/%=<>&|?,.(\[]|\breturn)$", before) and not before.endswith("->"):
        return False
    if before.endswith(":") and not re.match(r"(case|default)\b", before):
        return False
    if re.match(r"([.?:]|&&|\|\||[-+*/%<>=]|\belse\b)", after):
        return False
    if text in ("return", "continue", "break"):
        return not re.search(r"\b(guard|else)\b", header) or text == "continue" and "guard" not in header
    word = re.match(r"^(?:try[?!]? )?(?:await )?([A-Za-z_$][\w$]*)", text)
    if not word or word.group(1) in KEYWORDS:
        return False
    if re.match(r"self\.\w+ = ", text) and any("init" in words for _, words in context):
        return False
    assigns = re.search(r" ([-+*/|&^%]|<<|>>|&[-+*]|&<<|&>>)?= ", text) is not None
    calls = re.search(r"[)}]$", text) is not None and re.search(r"[({]", text) is not None
    if not assigns and not calls or not assigns and re.search(r" (==|!=|<|>|<=|>=|&&|\|\||\+|-|\?) ", re.sub(r"\(.*\)|\{.*\}", "", text)):
        return False
    # The only expression of a body that has a value is that value.
    alone = (before.endswith("{") or re.search(r"\bin$", before)) and after.startswith("}")
    if alone and not assigns:
        return "->" not in header and re.search(r"\b(func|if|else|for|while|deinit|init|defer|guard)\b", header) is not None
    return True


def constants(line):
    """Numbers and truth values on a masked line, as (start, stop, replacement)."""
    found = []
    for match in re.finditer(r"(?<![\w.$])(0x[0-9A-Fa-f_]+|\d[\d_]*\.\d[\d_]*(?:e-?\d+)?|\d[\d_]*(?:e-?\d+)?)(?![\w])|\b(true|false)\b", line):
        text = match.group(0)
        if text in ("true", "false"):
            replacement = "false" if text == "true" else "true"
        elif text in ("0", "1"):
            replacement = "1" if text == "0" else "0"
        elif text.startswith("0x"):
            value = int(text.replace("_", ""), 16)
            replacement = hex(value + 1) if value & 1 == 0 else hex(value - 1)
        elif re.fullmatch(r"[\d_]+", text):
            replacement = str(int(text.replace("_", "")) + 1)
        else:
            value = float(text.replace("_", ""))
            replacement = repr(value * 2) if value else "1.0"
        found.append((match.start(), match.end(), replacement))
    return found


def sites_in(path, source):
    """All mutants of a file: dictionaries with the line, its new form (`{n}` stands for the mutant's number) and the mutant to be shown."""
    originals, lines = source.split("\n"), masked(source).split("\n")
    contexts = bracket_contexts(lines)
    left_out = left_out_by_traits(lines)
    sites = []

    def site(kind, index, column, rewritten, shown):
        sites.append({
            "file": path, "line": index + 1, "column": column, "kind": kind, "original": originals[index].strip(),
            "mutant": shown.strip(), "rewritten": rewritten,
        })

    for index, line in enumerate(lines):
        original = originals[index]
        if left_out[index] or LEFT_OUT_LINES.search(line) or re.match(r"^\s*(#|@|import\b)", line) or "{n}" in original:
            continue
        # The words of a multi-line assertion or diagnostic are of no interest here.
        if any(LEFT_OUT_LINES.search(words) for _, words in contexts[index]):
            continue
        for start, stop in condition_ranges(line):
            condition = original[start:stop]
            site("negate", index, start, f"{original[:start]}isMutant({{n}}) != ({condition}){original[stop:]}",
                 f"{original[:start]}!({condition}){original[stop:]}")
        if is_statement(index, lines, contexts):
            text = line.strip()
            start = line.index(text)
            stop = start + len(text)
            site("drop", index, start, f"{original[:start]}if !isMutant({{n}}) {{ {original[start:stop]} }}{original[stop:]}",
                 "(nothing)")
        inside_type = contexts[index] and re.search(r"\b(protocol)\b", contexts[index][-1][1] or "")
        if not inside_type and not re.match(r"^\s*(public |package |private )?(indirect )?case \w+ = ", line):
            for start, stop, replacement in constants(line):
                literal = original[start:stop]
                site("swap", index, start, f"{original[:start]}(isMutant({{n}}) ? {replacement} : {literal}){original[stop:]}",
                     f"{original[:start]}{replacement}{original[stop:]}")
    return sites


def sampled(sites, seed):
    """All sites in the order in which they are taken: folders and kinds take turns, and no two sites share a line."""
    generator = random.Random(seed)
    strata = collections.defaultdict(list)
    for site in sites:
        strata[(site["file"].split("/")[2], site["kind"])].append(site)
    for members in strata.values():
        generator.shuffle(members)
    keys = sorted(strata)
    generator.shuffle(keys)
    taken, order = set(), []
    while any(strata.values()):
        for key in keys:
            while strata[key]:
                site = strata[key].pop()
                if (site["file"], site["line"]) not in taken:
                    taken.add((site["file"], site["line"]))
                    order.append(site)
                    break
    return order


def all_sites():
    found = []
    for path in sorted((ROOT / SDK).rglob("*.swift")):
        name = str(path.relative_to(ROOT))
        if name.split("/")[2] not in LEFT_OUT_FOLDERS and ".docc/" not in name:
            found += sites_in(name, path.read_text())
    return found


# MARK: The copy with all mutants


def swift():
    found = os.environ.get("SWIFT") or shutil.which("swift")
    if not found:
        sys.exit("Swift was not found; name it with SWIFT=path.")
    return found


def write_if_changed(path, text):
    data = text if isinstance(text, bytes) else text.encode()
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def write_tree(sites):
    """Brings the copy up to date: files that stay as they are keep their dates, so that little is compiled again."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True, text=True)
    names = {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}
    changes = collections.defaultdict(dict)
    for number, site in sites.items():
        changes[site["file"]][site["line"]] = site["rewritten"].replace("{n}", str(number))
    switch = f"{SDK}/Platform/MutantSwitch.swift"
    for name in names:
        data = (ROOT / name).read_bytes()
        if name in changes:
            lines = data.decode().split("\n")
            for line, text in changes[name].items():
                lines[line - 1] = text
            data = "\n".join(lines).encode()
        write_if_changed(TREE / name, data)
        if os.access(ROOT / name, os.X_OK):
            (TREE / name).chmod(0o755)
    size = max(sites, default=0) + 1
    write_if_changed(TREE / switch, SWITCH % (NUMBER_DESCRIPTOR, TRACE_DESCRIPTOR, size, size, TRACE_DESCRIPTOR))
    names.add(switch)
    for folder in ("Sources", "Tests", "Benchmarks"):
        for path in (TREE / folder).rglob("*"):
            name = str(path.relative_to(TREE))
            if path.is_file() and name not in names:
                path.unlink()


def compile_tree(*arguments):
    # Not without the index, which is where SwiftPM looks for tests of XCTest: it ends with an error if there is none.
    command = [swift(), "build", *arguments]
    process = subprocess.Popen(command, cwd=TREE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        output, _ = process.communicate()
    finally:
        # A build that went on alone would stand in the way of the next one.
        if process.poll() is None:
            process.terminate()
            process.wait()
    return subprocess.CompletedProcess(command, process.returncode, output)


def blamed(output, sites):
    """The mutants that the compiler complains of: those on the line of an error, else the nearest above it in the same file."""
    by_file = collections.defaultdict(dict)
    for number, site in sites.items():
        by_file[site["file"]][site["line"]] = number
    found = set()
    for name, line in re.findall(r"^(?:.*/)?(Sources/Telemetry/\S+?\.swift):(\d+):\d+: error:", output, re.MULTILINE):
        lines = by_file.get(name, {})
        if not lines:
            continue
        near = min(lines, key=lambda candidate: (candidate > int(line), abs(candidate - int(line))))
        found.add(lines[near])
    return found


def build(state, save):
    """Compiles the mutants; those that do not compile are taken out, and others of the sample take their places."""
    order = sampled(all_sites(), state["seed"])
    if not state["sites"]:
        chosen = order[: int(state["count"] * 1.15) + 3]
        state["sites"] = {number: site for number, site in enumerate(chosen, 1)}
        state["taken"] = len(chosen)
        save()
    while True:
        write_tree(state["sites"])
        result = compile_tree("--target", "Telemetry")
        if result.returncode != 0:
            bad = blamed(result.stdout, state["sites"])
            if not bad:
                sys.exit(f"The copy does not compile, and no mutant is to blame:\n{result.stdout[-4000:]}")
            for number in bad:
                state["refused"].append(state["sites"].pop(number))
            save()
            print(f"{len(bad)} mutants do not compile and are taken out.", flush=True)
            continue
        missing = state["count"] - len(state["sites"])
        if missing <= 0 or state["taken"] >= len(order):
            break
        for site in order[state["taken"] : state["taken"] + missing]:
            state["taken"] += 1
            state["sites"][state["taken"]] = site
    result = compile_tree("--build-tests")
    if result.returncode != 0:
        told = [line for line in result.stdout.splitlines() if "error:" in line or "failed" in line]
        sys.exit("\n".join(["The tests of the copy do not compile:", *told[:40], result.stdout[-500:]]))
    state["isBuilt"] = True
    save()


def keep_survivors(state):
    """Makes a finished run one of its survivors alone, where these stand now; those whose line is gone are left out."""
    places = collections.defaultdict(list)
    for site in all_sites():
        places[(site["file"], site["rewritten"])].append(site)
    alive = {}
    for number, site in state["sites"].items():
        if state["results"].get(number, {}).get("verdict") in ("survived", "not reached"):
            found = places.get((site["file"], site["rewritten"]))
            if found:
                alive[number] = min(found, key=lambda candidate: abs(candidate["line"] - site["line"]))
            else:
                print(f"{number} is gone: {site['file']}:{site['line']} {site['original']}")
    state.update(sites=alive, count=len(alive), suites={}, passed={}, results={}, refused=[], taken=sys.maxsize, isBuilt=False)


# MARK: Running suites


def test_binary():
    found = sorted((TREE / ".build/debug").glob("*PackageTests.xctest"))
    if not found:
        sys.exit("The copy has no test binary.")
    return str(found[0])


def run_tests(suites, number, limit, trace=None):
    """Runs suites in one process with one mutant on. Returns "passed", "failed", "crashed" or "timed out", the seconds, and the failed suites."""
    command = [test_binary(), "--testing-library", "swift-testing", "--no-parallel"]
    for suite in suites:
        command += ["--filter", "^" + re.escape(suite) + "/"]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output:
        given.write(str(number).encode())
        given.flush()

        def hand_on():
            # What a mutant does is not known: it shall not fill the machine's memory or disk.
            resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
            resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 30, 2 << 30))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.dup2(given.fileno(), NUMBER_DESCRIPTOR)
            if trace is not None:
                os.dup2(trace.fileno(), TRACE_DESCRIPTOR)

        began = time.monotonic()
        # Python's own descriptors are closed in the child anyway; those handed on must stay open.
        process = subprocess.Popen(
            command, cwd=TREE, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, preexec_fn=hand_on, close_fds=False)
        try:
            status = process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return "timed out", time.monotonic() - began, []
        seconds = time.monotonic() - began
        output.seek(0)
        text = output.read().decode(errors="replace")
    if status == 0:
        return "passed", seconds, []
    failed = set(re.findall(r"Suite \"?(\w+)\"? failed after", text))
    return ("failed" if status > 0 and failed else "crashed"), seconds, sorted(failed)


def all_suites():
    """The names of the suites, `Module.Suite`, and the folder and file in which each stands."""
    listed = subprocess.run([test_binary(), "--testing-library", "swift-testing", "--list-tests"], cwd=TREE, check=True,
                            capture_output=True, text=True)
    names = sorted({line.split("/")[0] for line in listed.stdout.splitlines() if "/" in line} - LEFT_OUT_SUITES)
    places = {}
    for path in (TREE / "Tests").rglob("*.swift"):
        parts = path.relative_to(TREE / "Tests").parts
        for name in re.findall(r"^(?:@\w+.* )?(?:final )?(?:struct|class|enum|actor) (\w+)", path.read_text(), re.MULTILINE):
            places[f"{parts[0]}.{name}"] = (parts[1] if len(parts) > 2 else "", path.stem)
    return {name: places.get(name, ("", "")) for name in names}


def reach(state, save, ended):
    """Finds which suites reach which mutants, and how long each takes."""
    suites = all_suites()
    known = state["suites"]

    def look(suite):
        if ended():
            return
        with tempfile.TemporaryFile("a+b", buffering=0) as trace:
            outcome, seconds, _ = run_tests([suite], 0, 120, trace)
            if outcome != "passed":
                outcome, seconds, _ = run_tests([suite], 0, 120, trace)
            trace.seek(0)
            numbers = sorted({int(word) for word in trace.read().split() if word.isdigit()})
        known[suite] = {"outcome": outcome, "seconds": round(seconds, 2), "reached": numbers, "place": suites[suite]}

    in_parallel(look, [suite for suite in suites if suite not in known], save)
    return all(suite in known for suite in suites)


def in_parallel(body, items, save):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for done, future in enumerate(concurrent.futures.as_completed([pool.submit(body, item) for item in items]), 1):
            future.result()
            if done % 5 == 0:
                save()
    save()


def stages(site, number, suites):
    """The groups of suites to run one after another: the mirrored ones, those of the folder, the rest in order of what they cost."""
    seeing = [name for name, suite in suites.items() if suite["outcome"] == "passed" and number in suite["reached"]]
    stem, folder = pathlib.Path(site["file"]).stem.split("+")[0], site["file"].split("/")[2]
    mirrored = [name for name in seeing if suites[name]["place"][0] == folder and name.split(".")[1].startswith(stem)]
    groups = [[name] for name in sorted(mirrored, key=lambda name: suites[name]["seconds"])]
    rest = sorted(set(seeing) - set(mirrored), key=lambda name: (suites[name]["place"][0] != folder, suites[name]["seconds"]))
    group, seconds = [], 0.0
    for name in rest:
        # Short groups first: most mutants that anything notices are noticed early.
        if group and (seconds + suites[name]["seconds"] > 4 or len(group) >= 12):
            groups.append(group)
            group, seconds = [], 0.0
        group.append(name)
        seconds += suites[name]["seconds"]
    return groups + ([group] if group else [])


def judge(state, save, ended, numbers):
    """Runs each mutant with the suites that reach it, until one fails twice, crashes or does not end; the nearest suites of all first."""
    suites, results, passed = state["suites"], state["results"], state["passed"]
    groups = {number: stages(state["sites"][number], number, suites) for number in numbers}
    shown = threading.Lock()

    def settle(number, verdict, by):
        results[number] = {"verdict": verdict, "by": by, "suites": sum(map(len, groups[number]))}
        site = state["sites"][number]
        with shown:
            print(f"{len(results):4} {number:4} {verdict:11} {site['file']}:{site['line']} {site['kind']}", flush=True)

    def step(number):
        if ended():
            return
        place = passed.get(number, 0)
        if place >= len(groups[number]):
            settle(number, "survived" if groups[number] else "not reached", [])
            return
        group = groups[number][place]
        limit = 20 + 4 * sum(suites[name]["seconds"] for name in group)
        outcome, _, failed = run_tests(group, number, limit)
        if outcome == "failed":
            # A test that fails by chance on a loaded machine does not notice anything.
            again = [name for name in group if name.split(".")[1] in failed] or group
            outcome, _, failed = run_tests(again, number, limit)
        if outcome == "passed":
            passed[number] = place + 1
        else:
            settle(number, outcome, failed or group)

    while not ended():
        open_numbers = [number for number in numbers if number not in results]
        if not open_numbers:
            break
        in_parallel(step, open_numbers, save)
    return all(number in results for number in numbers)


# MARK: The report


def report(state):
    results = state["results"]
    chosen = [number for number in sorted(state["sites"]) if number in results][: state["count"]]
    verdicts = collections.Counter(results[number]["verdict"] for number in chosen)
    alive = [number for number in chosen if results[number]["verdict"] in ("survived", "not reached")]
    print(f"\nSeed {state['seed']}: {len(chosen)} mutants, {len(alive)} survive "
          f"({verdicts['survived']} are run by a suite, {verdicts['not reached']} by none); "
          f"{verdicts['failed']} fail a test, {verdicts['crashed']} end the process, {verdicts['timed out']} do not end. "
          f"{len(state['refused'])} more did not compile.")
    table = collections.defaultdict(collections.Counter)
    for number in chosen:
        site = state["sites"][number]
        for key in (site["file"].split("/")[2], site["kind"]):
            table[key]["all"] += 1
            table[key]["alive"] += number in alive
    print("Surviving of all: " + ", ".join(f"{key} {table[key]['alive']}/{table[key]['all']}" for key in sorted(table)))
    failing = [name for name, suite in state["suites"].items() if suite["outcome"] != "passed"]
    if failing:
        print(f"Left out, as they fail without any mutant: {', '.join(failing)}")
    for number in alive:
        site, result = state["sites"][number], results[number]
        print(f"\n{number}. {site['file']}:{site['line']} ({site['kind']}; {result['verdict']}, {result['suites']} suites)")
        print(f"    - {site['original']}\n    + {site['mutant']}")


# MARK: The check of this program

SAMPLE = '''struct Sample {
    let limit = 10
    var isFull: Bool { count >= limit }
    mutating func add(_ text: String) {
        guard count < limit, let first = text.first else { return }
        // A comment: if this { x = 1 }
        precondition(count >= 0, "One 1 and { a brace.")
        if first == "(" && !isOpen {
            count += 1
            report("full {\\(count > 3 ? "a" : "b")", at: 0x10)
        }
        return call(
            other(),
            isOpen ? 2 : 3)
    }
}
#if SwiftTracing
    let left = 1
#endif
'''
EXPECTED = [
    (2, "swap", "let limit = (isMutant(7) ? 11 : 10)"),
    (3, "negate", "var isFull: Bool { isMutant(7) != (count >= limit) }"),
    (5, "negate", "guard isMutant(7) != (count < limit), let first = text.first else { return }"),
    (8, "negate", 'if isMutant(7) != (first == "(" && !isOpen) {'),
    (9, "drop", "if !isMutant(7) { count += 1 }"),
    (9, "swap", "count += (isMutant(7) ? 0 : 1)"),
    (10, "drop", 'if !isMutant(7) { report("full {\\(count > 3 ? "a" : "b")", at: 0x10) }'),
    (10, "swap", 'report("full {\\(count > 3 ? "a" : "b")", at: (isMutant(7) ? 0x11 : 0x10))'),
    (14, "negate", "isMutant(7) != (isOpen) ? 2 : 3)"),
    (14, "swap", "isOpen ? (isMutant(7) ? 3 : 2) : 3)"),
    (14, "swap", "isOpen ? 2 : (isMutant(7) ? 4 : 3))"),
]


def check_self():
    """Checks what is found in a sample, and that a run can be repeated."""
    found = [(site["line"], site["kind"], site["rewritten"].replace("{n}", "7").strip())
             for site in sites_in(f"{SDK}/Common/Sample.swift", SAMPLE)]
    if found != EXPECTED:
        print("\n".join(difflib.ndiff([str(row) for row in EXPECTED], [str(row) for row in found])))
        sys.exit("The mutants of the sample are not the expected ones.")
    if [len(line) for line in masked(SAMPLE).split("\n")] != [len(line) for line in SAMPLE.split("\n")]:
        sys.exit("Masking moves columns.")
    sites = all_sites()
    once, twice = sampled(sites, 1)[:200], sampled(sites, 1)[:200]
    if once != twice or once == sampled(sites, 2)[:200]:
        sys.exit("The seed does not decide the sample.")
    if len({(site["file"], site["line"]) for site in once}) != len(once):
        sys.exit("Two mutants share a line.")
    output = f"/x/{SDK}/A.swift:12:3: error: no\n{SDK}/A.swift:30:1: error: no\n{SDK}/B.swift:1:1: warning: no\n"
    lines = {1: (f"{SDK}/A.swift", 12), 2: (f"{SDK}/A.swift", 25), 3: (f"{SDK}/A.swift", 31), 4: (f"{SDK}/B.swift", 1)}
    if blamed(output, {number: {"file": file, "line": line} for number, (file, line) in lines.items()}) != {1, 2}:
        sys.exit("The wrong mutants are blamed for errors.")
    kinds = collections.Counter(site["kind"] for site in sites)
    print(f"The check passed; the SDK has {len(sites)} places to change: " + ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--resume", action="store_true", help="go on with the run of this seed and count")
    parser.add_argument("--minutes", type=float, help="stop after about this long, with status 75; --resume goes on")
    parser.add_argument("--only", type=int, nargs="+", metavar="NUMBER", help="run these mutants of a finished run again")
    parser.add_argument("--retest", action="store_true", help="run the survivors of a finished run again, with sources and tests as they are now")
    parser.add_argument("--again", action="store_true", help="go on with such a second run")
    parser.add_argument("--self-check", action="store_true")
    options = parser.parse_args()
    if options.self_check:
        return check_self()

    file = SCRATCH / f"seed-{options.seed}-count-{options.count}.json"
    state = {"seed": options.seed, "count": options.count, "sites": {}, "taken": 0, "refused": [], "isBuilt": False, "suites": {}, "passed": {}, "results": {}}
    if options.again:
        file = file.with_suffix(".again.json")
    if options.resume or options.only or options.retest or options.again:
        if not file.exists():
            sys.exit(f"There is no run to go on with: {file}")
        state = json.loads(file.read_text())
        for key in ("sites", "passed", "results"):
            state[key] = {int(number): value for number, value in state.get(key, {}).items()}
    if options.retest:
        keep_survivors(state)
        file = file.with_suffix(".again.json")
    SCRATCH.mkdir(exist_ok=True)
    saving = threading.Lock()

    def save():
        with saving:
            draft = file.with_suffix(".draft")
            # Copies, as other threads go on adding results.
            draft.write_text(json.dumps(state | {key: dict(state[key]) for key in ("suites", "passed", "results")}))
            draft.replace(file)

    finish = time.monotonic() + options.minutes * 60 if options.minutes else None

    def ended():
        return finish is not None and time.monotonic() > finish

    def stop():
        print(f"Stopped with {len(state['results'])} of {state['count']} mutants done; --resume goes on.")
        sys.exit(75)


    def interrupted(*_):
        nonlocal finish
        if not state["isBuilt"]:
            sys.exit("Ended by a signal.")
        finish = 0  # What runs is waited for, so that no test process stays behind; then the run stops.

    signal.signal(signal.SIGTERM, interrupted)
    if not state["isBuilt"]:
        build(state, save)
    if ended() or not reach(state, save, ended):
        stop()
    numbers = options.only or sorted(state["sites"])[: state["count"]]
    if options.only:
        for number in numbers:
            state["results"].pop(number, None)
            state["passed"].pop(number, None)
    if not judge(state, save, ended, numbers):
        stop()
    report(state)


if __name__ == "__main__":
    main()
