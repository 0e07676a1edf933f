#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the man pages against what the programs say and do, in both directions.

usage: pages.py BIN SOURCE_FOLDER CONFIG_FACTS
- every command has a page, and every page a command
- synopsis and OPTIONS against --help: options, letters, values, arguments, defaults, numbers; and the completion against --help
- takt-config(5) against what the config's reader refuses and puts in: keys, ranges, defaults, words, lengths of lists
- environment variables, a node's standard commands, the tests of takt bench, the demo's sources and laws
- what examples call exists; references to takt's pages lead somewhere; mandoc and man find nothing
"""
import functools
import os
import re
import subprocess
import sys
import tempfile

binaries, source, facts_program = sys.argv[1:4]
failures = []
DEMO = ("sensor", "controller")


def check(condition, what):
    if not condition:
        failures.append(what)


def same(found, expected, what):
    """Two sets."""
    found, expected = set(found), set(expected)
    check(not expected - found, f"{what}: missing: {', '.join(map(str, sorted(expected - found)))}")
    check(not found - expected, f"{what}: there is no such: {', '.join(map(str, sorted(found - expected)))}")


@functools.lru_cache(None)
def run(*words):
    done = subprocess.run([f"{binaries}/{words[0]}", *words[1:]], capture_output=True, text=True, timeout=20)
    return done.stdout + done.stderr


# ------------------------------------------------------------------------------------------------------------- pages


def plain(lines):
    """mdoc as text: good enough to look for words."""
    words = []
    for line in lines:
        if line.startswith('.\\"'):
            continue
        if line.startswith("."):
            line = re.sub(r"^\.[A-Z][a-z]\b", lambda found: "-" if found.group() == ".Fl" else "", line)
            line = re.sub(r"\bFl (?=\S)", "-", line)
            line = re.sub(r"(?<!\S)(Ar|Cm|Nm|Op|Ev|Pa|Ql|Xr|Dv|Ic|Sx|Em|Sy|No|Pq|Fn)(?!\S)", "", line)
        words.append(line.strip().replace("\\-", "-").replace("\\&", ""))
    text = re.sub(r"\s+", " ", " ".join(words)).replace("- -", "--")
    return re.sub(r"-(?= --?\w)", "", re.sub(r"\s+([.,;:)])", r"\1", text)).replace("- quick", "-quick")


class Page:
    def __init__(self, name, text):
        self.name = name
        self.lines = text.split("\n")

    def section(self, title, kind=".Sh"):
        """The lines of a section, or of a subsection."""
        taken, inside = [], False
        for line in self.lines:
            if line.startswith(".Sh") or line.startswith(kind):
                inside = line == f"{kind} {title}"
            elif inside:
                taken.append(line)
        check(taken, f"{self.name}: there is no section {title}")
        return taken

    def items(self, lines):
        """(.It line, its text) of the lists in these lines."""
        found = []
        for line in lines:
            if line.startswith(".It "):
                found.append([line[4:], []])
            elif found and line.startswith((".El", ".Sh", ".Ss")):
                found.append(["", []])
            elif found:
                found[-1][1].append(line)
        return [(head, plain(text)) for head, text in found if head]


# ---------------------------------------------------------------------------------------------------------- commands


class Option:
    def __init__(self, name, letter, value, text=""):
        self.name, self.letter, self.value, self.text = name, letter, value, text

    def key(self):
        return f"--{self.name}" + (f" {self.value}" if self.value else "")

    def short(self):
        return (f"-{self.letter}" if self.letter else f"--{self.name}") + (f" {self.value}" if self.value else "")


def complete(*words):
    lines = run("takt", "complete", *words).splitlines()
    return [line.split("\t")[0] for line in lines if not line.startswith(":")]


class Command:
    """A command as the program itself describes it."""

    def __init__(self, path):
        self.path = path
        text = run("takt", *path, "--help")
        self.help = text
        self.usage = re.match(r"usage: takt ?(.*)", text).group(1)[len(" ".join(path)) :].strip()
        self.options = []
        for line in text[text.rindex("options:\n") :].split("\n"):
            found = re.match(r"  (?:-(\w), |    )--([\w-]+)(?: (\S+))?(?:  +(.*))?$", line)
            if found:
                self.options.append(Option(found.group(2), found.group(1), found.group(3), found.group(4) or ""))
            elif line.startswith(" " * 20) and self.options:
                self.options[-1].text += " " + line.strip()
        offered = complete(*path, "-")
        same(offered, [f"--{option.name}" for option in self.options], f"completion of takt {' '.join(path)} beside its --help")
        for option in self.options:
            if option.value and "|" in option.value:
                same(complete(*path, f"--{option.name}", ""), option.value.split("|"), f"completion of --{option.name}")

    def arguments(self):
        return [argument(word) for word in self.usage.split() if re.match(r"\[?[A-Z]", word)]


def argument(word):
    """(name, may be left out, may be repeated)"""
    return (re.sub(r"[\[\]]|\.\.\.$|\.\.\.(?=\])", "", word), word.startswith("["), "..." in word and "," not in word)


@functools.lru_cache(None)
def read_commands():
    commands = []
    for name in complete(""):
        children = [child for child in complete(name, "") if child != "help"] if name != "help" else []
        is_group = "COMMAND [arguments]" in run("takt", name, "--help").split("\n")[0]
        if name == "help":
            continue
        commands += [Command([name, child]) for child in children] if is_group else [Command([name])]
    return commands


def read_synopsis(page):
    """{"takt topic echo": (options, arguments)}"""
    found = {}
    at = None
    for line in page.section("SYNOPSIS"):
        if line.startswith(".Nm"):
            at = found.setdefault(line[4:], ([], []))
            continue
        if not at:
            continue
        option = re.match(r"\.(?:Op )?Fl (\S+)(?: Ar (\S+))?$", line)
        optional = re.match(r"\.Op Ar (.*)$", line)
        needed = re.match(r"\.Ar (.*)$", line)
        if option:
            at[0].append("-" + option.group(1) + (f" {option.group(2)}" if option.group(2) else ""))
        elif optional or needed:
            words = re.sub(r" \.\.\.", "...", (optional or needed).group(1)).split()
            at[1].extend((word.replace("...", "") if "," not in word else word, bool(optional), word.endswith("..."))
                         for word in words)
    return found


def read_options(page):
    """Of each name all that are written: two commands may mean two things by it, a folder and a file."""
    found = {}
    for head, text in page.items(page.section("OPTIONS")):
        option = re.match(r"(?:Fl (\w) , )?Fl -([\w-]+)(?: Ar (\S+))?$", head)
        check(option, f"{page.name}: OPTIONS: '{head}' is no option as the others are written")
        if option:
            found.setdefault(option.group(2), []).append(Option(option.group(2), option.group(1), option.group(3), text))
    return found


def check_option(page, option, written):
    where = f"{page.name}: --{option.name}"
    check(written.value == option.value, f"{where}: its value is {written.value}, and {option.value} in --help")
    check(written.letter == option.letter, f"{where}: its letter is {written.letter}, and {option.letter} in --help")
    default = re.search(r"\(default: ([^)]*)\)", option.text)
    # Which domain is meant where none is given is explained once, in takt(1).
    is_usual_domain = option.name == "domain" and "TAKT_DOMAIN" in option.text
    if default and not is_usual_domain:
        check(f"(default: {default.group(1)}" in written.text, f"{where}: --help says (default: {default.group(1)}), the page: {written.text}")
    if is_usual_domain:
        check("(default: see takt 1)" in written.text, f"{where}: the page does not lead to takt(1) for the default")
    for number in re.findall(r"\d+(?:\.\d+)?", option.text):
        check(re.search(rf"(?<![\d.]){re.escape(number)}(?!\d|\.\d)", written.text), f"{where}: --help says {number}, the page does not: {written.text}")


def check_commands(commands, pages):
    names = {command.path[0] for command in commands}
    same((name[5:-2] for name in pages if re.match(r"takt-\w+\.1$", name)), names | set(DEMO), "pages takt-*.1")
    for name in sorted(names & {page[5:-2] for page in pages}):
        page = pages[f"takt-{name}.1"]
        own = [command for command in commands if command.path[0] == name]
        synopsis = read_synopsis(page)
        same(synopsis, ["takt " + " ".join(command.path) for command in own], f"{page.name}: commands of the synopsis")
        written = read_options(page)
        same(written, {option.name for command in own for option in command.options}, f"{page.name}: OPTIONS beside --help")
        for name, several in written.items():
            values = [option.value for command in own for option in command.options if option.name == name]
            same([one.value for one in several], values, f"{page.name}: values of --{name}")
            check(len(several) == len(set(values)), f"{page.name}: --{name} is written {len(several)} times")
        for command in own:
            title = "takt " + " ".join(command.path)
            options, arguments = synopsis.get(title, ([], []))
            same(options, [option.short() for option in command.options if option.name != "help"], f"{page.name}: synopsis of {title}")
            check(arguments == command.arguments(), f"{page.name}: arguments of {title} are {arguments}, and {command.arguments()} in its usage")
            for option in command.options:
                if option.name in written:
                    alike = [one for one in written[option.name] if one.value == option.value]
                    check_option(page, option, (alike or written[option.name])[0])
    tool = pages["takt.1"]
    root = Command([])
    same(read_options(tool), [option.name for option in root.options], "takt.1: OPTIONS beside --help")
    listed = [re.match(r"Xr takt-(\w+) 1", head) for head, _ in tool.items(tool.section("DESCRIPTION"))]
    same([found.group(1) for found in listed if found], names, "takt.1: list of commands")


# ---------------------------------------------------------------------------------------------------------- examples


def check_mentions(commands, pages):
    by_path = {tuple(command.path): command for command in commands}
    all_options = {option.name for command in commands for option in command.options} | {"version", "help"}
    for page in pages.values():
        text = "\n".join(page.lines)
        for name in re.findall(r"\bFl -([\w-]+)", text):
            check(name in all_options, f"{page.name}: no command has an option --{name}")
        for line in re.findall(r"^[$#] (takt .*)$", text, re.M):
            words = line.split("|")[0].split()
            command = by_path.get(tuple(words[1:3])) or by_path.get(tuple(words[1:2]))
            if command is None:
                check("is no command of" in text, f"{page.name}: the example '{line}' calls no command of takt")
                continue
            for name in re.findall(r" --([\w-]+)", line):
                check(name in [option.name for option in command.options], f"{page.name}: the example '{line}': there is no --{name}")
        for name, section in re.findall(r"\.Xr (takt\S*) (\d)", text):
            check(f"{name}.{section}" in pages, f"{page.name}: refers to {name}({section}), which is no page")


def check_words(pages):
    """Lists that stand in the programs' sources or help."""
    bench = pages["takt-bench.1"]
    tests = [head[3:] for head, _ in bench.items(bench.section("DESCRIPTION")) if head.startswith("Cm ")]
    same(tests, complete("bench", ""), "takt-bench.1: tests")
    text = open(f"{source}/core/command.c", encoding="utf-8").read()
    standard = re.findall(r'^\t\{"(\w+)", [01], "', text[text.index("} standard[]") - 3000 :], re.M)
    check(len(standard) >= 10, "core/command.c: the table of standard commands was not found")
    page = pages["takt-command.1"]
    same([head.split()[1] for head, _ in page.items(page.section("DESCRIPTION"))], standard, "takt-command.1: commands of every node")
    for name in DEMO:
        page = pages[f"takt-{name}.1"]
        said = re.findall(r"^  (\w+) ", run(name, "--help"), re.M)
        description = page.section("DESCRIPTION")
        if ".Ss" in " ".join(description):
            description = description[: [line.startswith(".Ss") for line in description].index(True)]
        same([head.split()[1] for head, _ in page.items(description)], said, f"takt-{name}.1: what it can be")


@functools.lru_cache(None)
def variables_read():
    read = set()
    for layer in ("core", "platform", "apps"):
        for folder, _, names in os.walk(f"{source}/{layer}"):
            for name in names:
                if name.endswith((".c", ".h")):
                    text = open(f"{folder}/{name}", encoding="utf-8").read()
                    read |= set(re.findall(r'getenv\("(\w+)"\)', text)) | set(re.findall(r'"(TAKT_[A-Z_]+)(?:=[^"]*)?"', text))
    return read


def check_environment(pages):
    read, explained = variables_read(), set()
    for page in pages.values():
        named = set()
        for line in page.lines:
            if line.startswith((".Ev ", ".It Ev ")):
                named |= set(re.findall(r"\b[A-Z][A-Z_]+\b", line))
        for name in named - read:
            check(False, f"{page.name}: nothing reads the environment variable {name}")
        if page.name in ("takt.1", "takt.7"):
            explained |= named
    same(explained, read, "takt.1 and takt.7: environment variables")


# ------------------------------------------------------------------------------------------------------------ config

SECTIONS = {
    "domain": ("The domain", "domain: d\n{}\n"),
    "topics": ("Topics", "domain: d\ntopics:\n  - name: t\n    type: t\n    bytes: 8\n    {}\n"),
    "queues": ("Queues", "domain: d\nqueues:\n  - name: q\n    type: t\n    bytes: 8\n    {}\n"),
    "syncs": ("Syncs", "domain: d\nsyncs:\n  - name: s\n    kind: semaphore\n    {}\n"),
    "nodes": ("Nodes", "domain: d\ntopics:\n  - {{name: t, type: t, bytes: 8}}\nnodes:\n  - name: n\n    program: p\n    {}\n"),
    "access": ("Access", "domain: d\naccess:\n  - users: [u]\n    {}\n"),
    "scheduler": ("Scheduler", "domain: d\nnodes:\n  - name: n\n    program: p\n    scheduler:\n      {}\n"),
}


@functools.lru_cache(None)
def check_said(text):
    """What takt check says of a config."""
    with tempfile.TemporaryDirectory() as work:
        with open(f"{work}/config.yaml", "w", encoding="utf-8") as file:
            file.write(text)
        return run("takt", "check", f"{work}/config.yaml")


def refusal(section, line):
    """What takt check says of a config with that line. The keys that every config of this section has are replaced."""
    text = SECTIONS[section][1].format(line)
    key = line.split(":")[0]
    lines = text.split("\n")
    given = [i for i, other in enumerate(lines) if other.strip(" -").startswith(key + ":")]
    if len(given) == 2:
        lines[given[0]] = lines[given[0]][: lines[given[0]].index(key)] + line
        del lines[given[1]]
    return check_said("\n".join(lines))


def check_key(section, key, text, defaults):
    where = f"takt-config.5: {SECTIONS[section][0]}: {key}"
    said = refusal(section, f"{key}: x?")
    found = re.search(r"whole number from (\d+) to (\d+)", said)
    written = re.search(r"(\d+) to (\d+)", text)
    if found:
        check(written and written.groups() == found.groups(), f"{where}: takt takes {found.group(1)} to {found.group(2)}, the page says: {text}")
    words = re.search(r"; write one of: ([\w, ]+)", said)
    if not found and key in ("overrun", "restart", "policy", "when_full", "kind"):
        for word in re.findall(r"\b[a-z_]{3,}\b", words.group(1) if words else ""):
            check(word in text, f"{where}: the page does not know '{word}'")
        check(words, f"{where}: takt does not say which words it takes: {said}")
    entry = {"topics": "{name: x, type: x, bytes: 8}", "queues": "{name: x, type: x, bytes: 8}", "syncs": "{name: x, kind: mutex}", "nodes": "{name: x, program: x}", "access": "{users: [x]}"}.get(key, "x") if section == "domain" else "x"
    longest = re.search(r"has more than (\d+) entries", refusal(section, f"{key}: [{', '.join([entry] * 1100)}]"))
    stated = re.search(r"up to (\d+) entries", text)
    check((longest and longest.group(1)) == (stated and stated.group(1)),
          f"{where}: takt takes a list of {longest and longest.group(1)} entries, the page says: {text}")
    default = defaults.get((section, key))
    given = re.search(r"Default (\w+)", text)
    check((given and given.group(1)) == default, f"{where}: the default is {default}, the page says: {text}")


@functools.lru_cache(None)
def read_defaults():
    defaults = {}
    for line in subprocess.run([facts_program], capture_output=True, text=True, check=True).stdout.splitlines():
        section, key, value = line.split()
        defaults[section, key] = value
    return defaults


def without(section, key):
    """A config that says nothing of that key, and would be right otherwise."""
    if key == "domain":
        return "wait_slice_us: 10000\n"
    lines = [line for line in SECTIONS[section][1].format("").split("\n") if line.strip(" -").split(":")[0] != key]
    text = "\n".join(lines)
    if key == "name":
        text = text.replace("    type: t", "  - type: t").replace("    program: p", "  - program: p").replace("    kind: s", "  - kind: s")
    return text


def check_config(page):
    for section, (title, _) in SECTIONS.items():
        known = re.search(r"use one of: (.*)", refusal(section, "qqqqqqqqqq: 1"))
        check(known, f"takt does not say which keys {title} has")
        known = known.group(1).split() if known else []
        items = {head[3:]: text for head, text in page.items(page.section(title, ".Ss"))}
        same(items, known, f"takt-config.5: keys of {title}")
        for key in [key for key in items if key in known]:
            check_key(section, key, items[key], read_defaults())
            is_needed = f"the key '{key}' is missing" in check_said(without(section, key))
            check(is_needed == items[key].startswith("Required"),
                  f"takt-config.5: {title}: {key}: takt {'needs' if is_needed else 'does not need'} it")


# -------------------------------------------------------------------------------------------------------------- main


def read_pages():
    folder = f"{source}/apps/takt/man"
    texts = {}
    for name in sorted(os.listdir(folder)):
        if re.search(r"\.[157]$", name):
            with open(f"{folder}/{name}", encoding="utf-8") as file:
                texts[name] = file.read()
    return texts


def check_lint(texts):
    with tempfile.TemporaryDirectory() as work:
        for name, text in texts.items():
            with open(f"{work}/{name}", "w", encoding="utf-8") as file:
                file.write(text)
        lint = subprocess.run(["mandoc", "-Tlint", "-Wwarning", *texts], capture_output=True, text=True, cwd=work)
    check(lint.returncode == 0, "mandoc: " + lint.stdout + lint.stderr)


def check_man(texts):
    """What a person sees."""
    for name in texts:
        shown = subprocess.run(["man", "--warnings", "-l", f"{source}/apps/takt/man/{name}"], capture_output=True, text=True,
                               env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"})
        check(shown.returncode == 0 and shown.stderr == "", f"man: {name}: {shown.stderr}")
        check(len(shown.stdout) > 1000, f"man: {name} is hardly a page")


def judge(texts):
    """What is wrong with these pages, all but how they are written."""
    failures.clear()
    pages = {name: Page(name, text) for name, text in texts.items()}
    for name in ("takt.1", "takt.7", "takt-config.5", "takt-bench.1", "takt-command.1", *(f"takt-{program}.1" for program in DEMO)):
        if name not in pages:
            sys.exit(f"pages: {name} is missing")
    check_commands(read_commands(), pages)
    check_mentions(read_commands(), pages)
    check_words(pages)
    check_environment(pages)
    check_config(pages["takt-config.5"])
    return failures


def main():
    texts = read_pages()
    judge(texts)
    check_lint(texts)
    check_man(texts)
    for failure in failures:
        print("pages:", failure)
    if failures:
        sys.exit(f"pages: {len(failures)} failed")
    options = sum(len(command.options) for command in read_commands())
    print(f"pages: {len(texts)} pages, {len(read_commands())} commands, {options} options")


if __name__ == "__main__":
    main()
