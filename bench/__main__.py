# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m bench [NAME...]``: measures, and exits 1 where a promise is not kept. See docs/benchmarks.md."""

import argparse
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop
from rich.console import Console

from bench import (
    b1_overhead,
    b2_throughput,
    b3_overload,
    b4_real_models,
    b5_fairness,
    b6_cold_start,
    b8_growth,
    decode,
    generator,
    item_search,
    machine,
    report,
    scaling,
    speaking,
    speech,
)
from bench.procs import ServerFailed
from bench.report import Report, Section

DOCUMENT = Path("docs/benchmarks.md")
WIDTH = 150
"""Characters of a line where the output goes to no terminal."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure."""

    rounds: int
    seconds: float
    """Length of one server's turn in a round."""


FULL, QUICK = Effort(7, 2.0), Effort(3, 1.0)

Progress = Callable[[str], None]


def _b1(effort: Effort, progress: Progress) -> Section:
    section: Section = uvloop.run(b1_overhead.run(effort.rounds, effort.seconds, progress))
    return section


def _decode(effort: Effort, progress: Progress) -> Section:
    return decode.run(effort.rounds, effort.seconds, progress)


#: A turn of overload or fairness is this many times as long as one of the others.
LONG = 30
#: Virtual time needs no longer: no machine disturbs it.
VIRTUAL_S = 10.0


def _b2(effort: Effort, progress: Progress) -> Section:
    generator.build()
    section: Section = uvloop.run(b2_throughput.run(min(effort.rounds, 3), LONG * effort.seconds, progress))
    return section


def _b3(effort: Effort, progress: Progress) -> Section:
    generator.build()
    seconds = LONG * effort.seconds
    progress("the scheduler alone, in virtual time")
    alone = b3_overload.in_virtual_time(min(seconds, VIRTUAL_S))
    section: Section = uvloop.run(b3_overload.run(min(effort.rounds, 3), seconds, progress, alone))
    return section


def _b4(effort: Effort, progress: Progress) -> Section:
    section: Section = uvloop.run(b4_real_models.run(effort.rounds, effort.seconds, progress))
    return section


def _b5(effort: Effort, progress: Progress) -> Section:
    generator.build()
    progress("the scheduler alone, in virtual time")
    alone = b5_fairness.in_virtual_time()
    section: Section = uvloop.run(b5_fairness.run(min(effort.rounds, 3), LONG / 3 * effort.seconds, progress, alone))
    return section


def _b6(effort: Effort, progress: Progress) -> Section:
    return b6_cold_start.run(effort.rounds, progress)


def _b8(effort: Effort, progress: Progress) -> Section:
    section: Section = uvloop.run(b8_growth.run(effort.rounds, progress))
    return section


def _scaling(_effort: Effort, progress: Progress) -> Section:
    return scaling.run(progress)


def _search(effort: Effort, progress: Progress) -> Section:
    return item_search.run(min(effort.rounds, 5), effort.seconds, progress)


#: Streams speak this many times as long as a turn of the others.
SPOKEN = 5


def _speaking(effort: Effort, progress: Progress) -> Section:
    section: Section = uvloop.run(speaking.run(SPOKEN * effort.seconds, progress))
    return section


def _speech(effort: Effort, progress: Progress) -> Section:
    section: Section = uvloop.run(speech.run(effort.rounds, progress))
    return section


BENCHMARKS: Mapping[str, Callable[[Effort, Progress], Section]] = {
    "b1": _b1,
    "b2": _b2,
    "b3": _b3,
    "b4": _b4,
    "b5": _b5,
    "b6": _b6,
    "b8": _b8,
    "decode": _decode,
    "scaling": _scaling,
    "search": _search,
    "speaking": _speaking,
    "speech": _speech,
}


def main(arguments: Sequence[str]) -> int:
    """Measures; 0 where every promise is kept, 1 where one is not, 2 where a server does not run."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # unwinds, so that the servers stop
    usual = QUICK if options.quick else FULL
    effort = Effort(options.rounds or usual.rounds, options.seconds or usual.seconds)
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    try:
        sections = [_measure(name, effort, console) for name in options.names or BENCHMARKS]
    except ServerFailed as error:
        console.print(f"bench: {error}", markup=False)
        return 2
    done = Report(_command(options, usual, effort), machine.describe(), sections)
    if options.json:
        report.write_json(done, options.json)
    if options.markdown:
        report.rewrite(DOCUMENT, done)
    return 0 if done.passed or options.no_fail else 1


def _command(options: argparse.Namespace, usual: Effort, effort: Effort) -> str:
    """The command that measures the same; where its results go does not belong to it."""
    words = ["python -m bench", *options.names, *(["--quick"] if options.quick else [])]
    words += [f"--rounds {effort.rounds}"] if effort.rounds != usual.rounds else []
    words += [f"--seconds {effort.seconds:g}"] if effort.seconds != usual.seconds else []
    return " ".join(words)


def _measure(name: str, effort: Effort, console: Console) -> Section:
    with console.status(name) as status:
        section = BENCHMARKS[name](effort, lambda text: status.update(f"{name}: {text}"))
    report.show(section, console)
    return section


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures Argosy on this machine.")
    parser.add_argument("names", nargs="*", type=_name, metavar="NAME", help=f"default all: {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK.rounds} rounds of {QUICK.seconds:g} s")
    parser.add_argument("--rounds", type=int, help=f"rounds; default {FULL.rounds}")
    parser.add_argument("--seconds", type=float, help=f"seconds of each turn; default {FULL.seconds:g}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round's figures")
    parser.add_argument("--markdown", action="store_true", help=f"rewrite what was measured in {DOCUMENT}")
    parser.add_argument("--no-fail", action="store_true", help="exit 0 even where a promise is not kept")
    return parser


def _name(text: str) -> str:
    if text not in BENCHMARKS:
        raise argparse.ArgumentTypeError(f"there is no benchmark {text!r}; there are {', '.join(BENCHMARKS)}")
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
