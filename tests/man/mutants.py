#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each mutant is a page, or a completion, with one thing wrong; the tests must find it and say what it is.

usage: mutants.py BIN SOURCE_FOLDER CONFIG_FACTS
"""
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import pages  # noqa: E402

# Name, what must be said, the page, and for sed what is wrong with it.
PAGES = [
    ("option_forgotten", "OPTIONS beside --help: missing: keep", "takt-run.1", "/^.It Fl -keep/,/^removes them/d"),
    ("option_invented", "OPTIONS beside --help: there is no such: every", "takt-topic.1", "s/^.It Fl H , Fl -history/.It Fl E , Fl -every\\nEvery one.\\n&/"),
    ("letter_wrong", "its letter is k, and n", "takt-topic.1", "s/^.It Fl n , Fl -count/.It Fl k , Fl -count/"),
    ("value_wrong", "its value is SPAN, and TIME", "takt-param.1", "s/^.It Fl T , Fl -timeout Ar TIME/.It Fl T , Fl -timeout Ar SPAN/"),
    ("default_wrong", "(default: 3s)", "takt-param.1", "s/default: 3s/default: 5s/"),
    ("number_wrong", "says 67108864", "takt-bench.1", "s/67108864/6710886/"),
    ("synopsis_without_option", "synopsis of takt topic hz: missing: -t TIME", "takt-topic.1", "/^.Nm takt topic hz/,/^.Ar/{/Fl t/d}"),
    ("synopsis_without_argument", "arguments of takt node info", "takt-node.1", "/^.Nm takt node info/,/^.Ar NODE/{/^.Ar NODE/d}"),
    ("command_forgotten", "commands of the synopsis: missing: takt param save", "takt-param.1", "/^.Nm takt param save/,/^.Ar NODE/d"),
    ("example_of_no_option", "there is no --samples", "takt-topic.1", "s/imu --count 1/imu --samples 1/"),
    ("example_of_no_command", "calls no command", "takt-clean.1", "s/^\\$ takt clean robot/$ takt remove robot/"),
    ("node_command_forgotten", "commands of every node: missing: ping", "takt-command.1", "/^.It Ic ping/,/^answers/d"),
    ("bench_test_invented", "tests: there is no such: jitter", "takt-bench.1", "s/^.It Cm wake/.It Cm jitter\\nJitter.\\n&/"),
    ("law_forgotten", "what it can be: missing: fan", "takt-controller.1", "/^.It Cm fan/,/^.Ql fan/d"),
    ("key_forgotten", "keys of Topics: missing: loans", "takt-config.5", "/^.It Cm loans/,/^Default/d"),
    ("key_invented", "keys of Nodes: there is no such: nice", "takt-config.5", "s/^.It Cm spin_us/.It Cm nice\\nNice.\\n&/"),
    ("range_wrong", "takt takes 2 to 4096", "takt-config.5", "s/2 to 4096/1 to 4096/"),
    ("key_default_wrong", "the default is 16", "takt-config.5", "s/Default 16;/Default 8;/"),
    ("word_default_wrong", "the default is on_failure", "takt-config.5", "s/Default on_failure/Default always/"),
    ("need_wrong", "bytes: takt needs it", "takt-config.5", "s/^Required; 1 to/1 to/"),
    ("list_wrong", "a list of 1024 entries", "takt-config.5", "s/up to 1024 entries/up to 512 entries/"),
    ("variable_forgotten", "missing: TAKT_COMMAND_DESCRIPTOR", "takt.7", "/TAKT_COMMAND_DESCRIPTOR/d"),
    ("variable_invented", "variable TAKT_HOME", "takt.1", "s/^.It Ev NO_COLOR/.It Ev TAKT_HOME\\nHome.\\n&/"),
    ("reference_to_nothing", "takt-send(1), which is no page", "takt-node.1", "s/^.Xr takt-command 1 ,/.Xr takt-send 1 ,/"),
    ("list_of_commands", "list of commands: missing: clean", "takt.1", "/^.It Xr takt-clean 1/d"),
    ("bad_macro", "mandoc: ", "takt-create.1", "s/^.Sh OPTIONS/.Xx OPTIONS/"),
]

# Name, what must be said, the shell, its file, for sed what is wrong with it, and lines that are tried.
COMPLETIONS = [
    ("bash_blank_behind_equals", "k_position=", "bash", "takt.bash", "/nospace/d", "k_pos"),
    ("bash_whole_word_again", "format=c", "bash", "takt.bash", "/WORDBREAKS == /d", "--format=c"),
    ("bash_no_files", "demo.yaml", "bash", "takt.bash", r"s/^\t_takt_words$/&\n\t[[ ${words[0]} != run ]] || return/", "takt run demo."),
    ("bash_cut_at_equals", "--domain=robot", "bash", "takt.bash", r"s/|| \[\[ $rest == .*; then/|| true; then/", "--domain=robot"),
    ("bash_quotes_stay", "config.yaml", "bash", "takt.bash", r"s!//\[[^]]*\]/}!}!", "my\\ config.yaml --only"),
    ("zsh_blank_behind_equals", "k_position=", "zsh", "_takt", "s/ -S ''//", "k_pos"),
    ("zsh_quotes_stay", "config.yaml", "zsh", "_takt", "s/(@Q)/(@)/", "my\\ config.yaml --only"),
]

tried = []
missed = []


def conclude(name, expected, said):
    """A list of what was said of a mutant; empty: it was not caught."""
    tried.append(name)
    matching = [line for line in said if expected in line]
    if matching:
        print(f"caught   {name:28} {matching[0]:.110}")
    else:
        missed.append(name)
        print(f"mutants: {name} was not caught; expected '{expected}', and it was said: {said[:3]}")


def mutate(name, text, script):
    changed = subprocess.run(["sed", script], input=text, capture_output=True, text=True, check=True).stdout
    if changed == text:
        missed.append(name)
        print(f"mutants: {name} changes nothing: mend its pattern")
    return changed


def try_pages():
    texts = pages.read_pages()
    for name, expected, file, script in PAGES:
        changed = {**texts, file: mutate(name, texts[file], script)}
        pages.judge(changed)
        pages.check_lint({file: changed[file]})
        conclude(name, expected, list(pages.failures))


def try_completions():
    here, source = os.path.dirname(os.path.abspath(__file__)), pages.source
    for name, expected, shell, file, script, line in COMPLETIONS:
        if shutil.which(shell) is None:
            print(f"skipped: {name}: {shell} is not installed: toolchain/setup.sh test installs it")
            continue
        with tempfile.TemporaryDirectory() as tree:
            shutil.copytree(f"{source}/apps/takt/completion", f"{tree}/apps/takt/completion")
            shutil.copytree(f"{source}/configs", f"{tree}/configs")
            with open(f"{tree}/apps/takt/completion/{file}", "r+", encoding="utf-8") as opened:
                changed = mutate(name, opened.read(), script)
                opened.seek(0)
                opened.truncate()
                opened.write(changed)
            done = subprocess.run([f"{here}/completion.py", pages.binaries, tree, shell, "--only", line], capture_output=True, text=True)
            said = (done.stdout + done.stderr).splitlines()
            conclude(name, expected, [text for text in said if text.startswith("failed: ")] if done.returncode else [])


try_pages()
try_completions()
print(f"mutants: {len(tried)}, not caught: {len(missed)}")
sys.exit(1 if missed or len(tried) < len(PAGES) else 0)
