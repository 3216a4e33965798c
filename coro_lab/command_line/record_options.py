"""The command line of `record`: which words are Coro Lab's, which one is the script, and which are the script's."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from coro_lab.command_line.outputs import add_options
from coro_lab.engine.recorder import MAX_EVENTS
from coro_lab.errors import CoroLabError

_USAGE = """python -m coro_lab record OPTIONS SCRIPT [ARGS...]
       python -m coro_lab record SCRIPT [ARGS...] [--] OPTIONS"""
_DESCRIPTION = """\
Run a script as `python SCRIPT [ARGS...]` would, and write down what it did. Standard output, standard input and the
exit status are the script's; what Coro Lab says goes to standard error."""
_EPILOG = """\
All words after OPTIONS SCRIPT belong to the script. If no output is named before SCRIPT, the options above can also
stand at the end of the line; write -- before them if the script has options that look alike:

  python -m coro_lab record -o run.html script.py --verbose -o its-own.txt
  python -m coro_lab record script.py --verbose -o run.html
  python -m coro_lab record script.py --json its-own.json -- -o run.html

The exit status is 2 if the script was not run, and 1 if it ended with 0 and a file could not be written.

The recording ends with the last thread of the script, or with an interrupt (Ctrl-C), and then the files are written.
Functions of atexit run after that. Child processes are not recorded. A script that records or explores by itself is
recorded up to there. After N events (--max-events) the recording ends, and the script goes on."""

_WITH_VALUE = ("-o", "--output", "--text", "--json", "--timeline", "--max-events")
_VALUE_OPTIONAL = ("--text", "--json")
_WITHOUT_VALUE = ("--no-lines",)
_OUTPUTS = ("output", "text", "json", "timeline")


def parse(words: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """The options, and the script with its arguments. Raises CoroLabError where a script or an output is missing."""
    end = _ours(words)
    before, named = [word for word in words[:end] if word != "--"], [*words[end:]]
    options = _parser().parse_args(before)
    if not _has_output(options) and named:
        at = _where_options_begin(named)
        options = _parser().parse_args([*before, *named[at:]])
        named = named[: at - 1] if named[at - 1] == "--" else named[:at]
    if not named:
        raise CoroLabError(
            f"Which script?\n  Write: python -m coro_lab record {' '.join(words) or '-o run.html'} SCRIPT"
        )
    if not _has_output(options):
        raise CoroLabError(
            f"What is to be written, and where?\n"
            f"  Write: python -m coro_lab record -o run.html {' '.join(named)}\n"
            f"  Or:    --text, --json run.json or --timeline run.png in the place of -o run.html"
        )
    return options, named


def _has_output(options: argparse.Namespace) -> bool:
    return any(getattr(options, name) is not None for name in _OUTPUTS)


def _ours(words: Sequence[str]) -> int:
    """How many words from the first on are options and their values; a `--` ends them."""
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at] != "-":
        if words[at] == "--":
            return at + 1
        at += 2 if words[at] in _WITH_VALUE and not _lacks_value(words, at) else 1
    return min(at, len(words))


def _lacks_value(words: Sequence[str], at: int) -> bool:
    following = words[at + 1 : at + 2]
    return words[at] in _VALUE_OPTIONAL and (not following or (following[0] != "-" and following[0].startswith("-")))


def _where_options_begin(named: Sequence[str]) -> int:
    """The first place behind the script from which on all words are our options; a `--` may stand before it."""
    first = max((at + 1 for at, word in enumerate(named) if word == "--" and _are_options(named[at + 1 :])), default=1)
    return next((at for at in range(first, len(named)) if _are_options(named[at:])), len(named))


def _are_options(words: Sequence[str]) -> bool:
    names = [word.partition("=")[0] for word in words if word.startswith("-") and word != "-"]
    return _ours(words) == len(words) and set(names) <= {*_WITH_VALUE, *_WITHOUT_VALUE}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m coro_lab record",
        usage=_USAGE,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_options(parser)
    parser.add_argument(
        "--max-events", type=_positive, default=MAX_EVENTS, metavar="N", help=f"keep N events at most ({MAX_EVENTS:,})"
    )
    parser.add_argument("--no-lines", dest="lines", action="store_false", help="leave out lines, awaits and locals")
    return parser


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of events. Write a whole number from 1 on.")
    return int(text)
