#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Completion, as a person meets it: bash and zsh at a terminal of their own, keys pressed, what stands on the line read back.

usage: completion.py BIN SOURCE_FOLDER [bash|zsh]... [--only PART_OF_A_LINE]
The demo runs in a folder of its own meanwhile, so that there are topics, nodes, parameters and fields to complete. Exit code 77: a shell
that was asked for is not there.
"""
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PATIENCE_S = 20
failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
        print("failed:", what, flush=True)


class Shell:
    """A shell at a terminal. Control-X Control-L makes it say what stands on its line."""

    def __init__(self, arguments, setup, environment, folder):
        self.heard = ""
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe(arguments[0], arguments, environment)
        self.send(setup + "\necho SET-'UP'\n")
        self.wait_for(r"SET-UP\r?\n")

    def send(self, text):
        os.write(self.terminal, text.encode())

    def wait_for(self, pattern):
        """Everything up to the pattern; it is forgotten behind it."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found = re.search(pattern, self.heard)
            if found:
                before = self.heard[: found.start()]
                self.heard = self.heard[found.end() :]
                return before, found
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.terminal], [], [], left)[0]:
                sys.exit(f"the shell has not said {pattern!r} within {PATIENCE_S} s, but: {self.heard!r}")
            self.heard += os.read(self.terminal, 65536).decode(errors="replace")

    def complete(self, line, tabs=1):
        """Types a line and Tab. What then stands on the line, and what was shown meanwhile."""
        self.send(line + "\t" * tabs + "\x18\x0c")
        shown, found = self.wait_for(r"LINE<(.*?)>ENIL")
        self.send("\x15")
        return found.group(1), re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)

    def end(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


BASH = """PS1='$ '; bind 'set enable-bracketed-paste off'; bind 'set show-all-if-ambiguous on'; bind 'set page-completions off'
bind 'set completion-query-items 0'; bind -x '"\\C-x\\C-l": printf "\\nLINE<%s>ENIL\\n" "$READLINE_LINE"'
. {source}/apps/takt/completion/takt.bash"""

ZSH = """PS1='$ '; unsetopt beep; setopt auto_list; LISTMAX=1000; fpath=({source}/apps/takt/completion $fpath)
autoload -U compinit && compinit -u -D; zstyle ':completion:*' list-prompt ''; zstyle ':completion:*' select-prompt ''
say() {{ print -r -- "LINE<$BUFFER>ENIL" }}; zle -N say; bindkey '^X^L' say; bindkey '^U' kill-whole-line"""

# What is typed before Tab, and what stands there afterwards.
ON_THE_LINE = [
    ("takt to", "takt topic "),
    ("takt topic ec", "takt topic echo "),
    ("takt topic echo w", "takt topic echo wheels "),
    ("takt topic echo --hi", "takt topic echo --history "),
    ("takt topic echo imu --format j", "takt topic echo imu --format json "),
    ("takt topic echo imu --format=c", "takt topic echo imu --format=csv "),
    ("takt topic echo state --field tilt_", "takt topic echo state --field tilt_rate "),
    ("takt topic echo --domain r", "takt topic echo --domain robot "),
    ("takt topic echo -d robot st", "takt topic echo -d robot state "),
    ("takt topic echo --domain=robot st", "takt topic echo --domain=robot state "),
    ("takt node info c", "takt node info controller "),
    ("takt param set c", "takt param set controller "),
    ("takt param set controller k_pos", "takt param set controller k_position="),
    ("takt param set controller voltage_v_max=", "takt param set controller voltage_v_max=12 "),
    ("takt param set controller k_yaw=4 k_int", "takt param set controller k_yaw=4 k_integral="),
    ("takt param get controller k_int", "takt param get controller k_integral "),
    ("takt command rob", "takt command robot "),
    ("takt command robot cont", "takt command robot controller "),
    ("takt command robot sensor stand", "takt command robot sensor stand_up "),
    ("takt command controller restar", "takt command controller restart "),
    ("takt command controller set k_int", "takt command controller set k_integral="),
    ("takt clean r", "takt clean robot "),
    ("takt ipc li", "takt ipc list "),
    ("takt ipc remove rob", "takt ipc remove robot "),
    ("takt ipc advise --samples n", "takt ipc advise --samples newest "),
    ("takt bench pol", "takt bench poll "),
    ("takt bridge imu --to sysv-q", "takt bridge imu --to sysv-queue:"),
    ("takt bridge imu --from=posix-s", "takt bridge imu --from=posix-shm:"),
    ("takt bridge imu --to stdo", "takt bridge imu --to stdout "),
    ("takt run demo.", "takt run demo.yaml "),
    ("takt run demo.yaml --only c", "takt run demo.yaml --only controller "),
    ("takt run demo.yaml --only sensor,c", "takt run demo.yaml --only sensor,controller "),
    ("takt run demo.yaml --report-f", "takt run demo.yaml --report-format "),
    ("takt run demo.yaml --log fol", "takt run demo.yaml --log folder/"),
    ("takt check my\\ c", "takt check my\\ config.yaml "),
    ("takt check my\\ config.yaml --form", "takt check my\\ config.yaml --format "),
    ("takt run my\\ config.yaml --only c", "takt run my\\ config.yaml --only controller "),
    ("takt run 'my config.yaml' --only s", "takt run 'my config.yaml' --only sensor "),
    ("takt help topic ec", "takt help topic echo "),
    ("takt param set controller no_such", "takt param set controller no_such"),
    ("takt topic echo --domain nowhere im", "takt topic echo --domain nowhere im"),
    ("takt no_such_command ", "takt no_such_command "),
]

# What is typed before Tab, what is then shown, and what is not.
SHOWN = [
    ("takt topic ", ["list", "info", "echo", "hz", "delay", "help"], ["run"]),
    ("takt topic echo ", ["imu", "wheels", "motor", "state"], ["controller"]),
    ("takt topic echo --", ["--domain", "--format", "--rate"], ["--timeout"]),
    ("takt param set controller ", ["set_point_m=", "k_tilt=", "tilt_rad_max="], ["voltage_limit_v"]),
    ("takt param set sensor ", [], ["k_tilt"]),
    ("takt topic echo imu --format ", ["table", "json", "csv"], ["demo.yaml"]),
    ("takt run ", ["demo.yaml", "folder", "my"], ["notes.txt"]),
]


def try_shell(name, shell, only):
    for line, expected in ON_THE_LINE:
        if only not in line:
            continue
        found, _ = shell.complete(line)
        check(found == expected, f"{name}: {line!r} + Tab makes {found!r}, expected {expected!r}")
    for line, expected, unwanted in SHOWN if only == "" else []:
        _, shown = shell.complete(line, 2)
        shown = shown.replace(line, "")
        for word in expected:
            check(word in shown, f"{name}: {line!r} + Tab does not show {word!r} but {shown!r}")
        for word in unwanted:
            check(word not in shown, f"{name}: {line!r} + Tab shows {word!r}")


def main():
    binaries, source = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    work = tempfile.mkdtemp(prefix="completion-", dir="/dev/shm")
    words = sys.argv[3:]
    only = words[words.index("--only") + 1] if "--only" in words else ""
    wanted = [name for name in ("bash", "zsh") if name in words] or ["bash", "zsh"]
    missing = [name for name in wanted if shutil.which(name) is None]
    environment = {"PATH": binaries + ":/usr/bin:/bin", "TERM": "dumb", "LC_ALL": "C.UTF-8", "HOME": work, "COLUMNS": "120"}
    environment["TAKT_SHM_FOLDER"] = work + "/shm"
    os.makedirs(work + "/shm")
    os.makedirs(work + "/here/folder")
    shutil.copy(source + "/configs/demo.yaml", work + "/here/demo.yaml")
    shutil.copy(source + "/configs/demo.yaml", work + "/here/my config.yaml")
    open(work + "/here/notes.txt", "w").close()
    run = subprocess.Popen([binaries + "/takt", "run", work + "/here/demo.yaml"], stderr=subprocess.PIPE, env=environment, text=True)
    try:
        for line in run.stderr:
            if "all nodes run" in line:
                break
        else:
            sys.exit("the demo has not come up")
        for name, arguments, setup in (
            ("bash", ["bash", "--norc", "--noprofile", "-i"], BASH),
            ("zsh", ["zsh", "-f", "-i"], ZSH),
        ):
            if name in wanted and name not in missing:
                shell = Shell(arguments, setup.format(source=source), environment, work + "/here")
                try:
                    try_shell(name, shell, only)
                finally:
                    shell.end()
    finally:
        run.terminate()
        run.stderr.read()
        run.wait()
        shutil.rmtree(work)
    if failures:
        sys.exit(f"completion: {len(failures)} failed")
    if missing:
        print(f"skipped: {', '.join(missing)} is not installed: toolchain/setup.sh test installs it")
        sys.exit(77)
    print(f"completion: {len(wanted)} shells, {len(ON_THE_LINE)} lines and {len(SHOWN)} lists each")


main()
