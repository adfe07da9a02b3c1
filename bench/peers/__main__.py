# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m bench.peers [NAME...]``: B7, other servers on the same models and engine. See docs/benchmarks.md."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import uvloop
from rich.console import Console

from bench import generator, machine, report
from bench.peers import environments, measure
from bench.peers.environments import Peer
from bench.peers.measure import Figures
from bench.procs import ServerFailed
from bench.report import Report, Section, Table
from bench.stats import Bound, spread

WORKER, GATEWAY = "argosy", "argosy through Envoy"
#: On B1 the ratio to these is shown and nothing is promised.
UNBOUND_ON_B1 = ("pytriton",)
WIDTH = 150
PROGRAM = "python -m bench.peers"
DOCUMENT = Path("docs/benchmarks.md")
_COLUMNS = ("server", "tiny, CPU us/call", "CPU / ours", "tiny, calls/s", "B2: share of limit", "B3: in time / limit")


def run(peers: Sequence[Peer], rounds: int, seconds: float, progress: Callable[[str], None]) -> Section:
    """Measures ourselves and each peer in turn; one that does not install or run is a row that says so."""
    found: dict[str, list[Figures]] = {WORKER: [], GATEWAY: [], **{peer.name: [] for peer in peers}}
    missing: dict[str, str] = {}
    for number in range(1, rounds + 1):
        for gateway, name in ((False, WORKER), (True, GATEWAY)):
            progress(f"round {number} of {rounds}: {name}")
            found[name].append(uvloop.run(measure.measure_ours(seconds, gateway)))
        for peer in peers:
            if peer.name in missing:
                continue
            progress(f"round {number} of {rounds}: {peer.name}")
            try:
                programs = environments.install(peer)
                found[peer.name].append(uvloop.run(measure.measure(peer, programs, seconds)))
            except (ServerFailed, TimeoutError) as error:
                missing[peer.name] = str(error)
    return section(found, missing, rounds, seconds)


def section(found: Mapping[str, Sequence[Figures]], missing: Mapping[str, str], rounds: int, seconds: float) -> Section:
    """Makes table and bounds."""
    ours = found[WORKER]
    rows = []
    bounds = []
    for name, figures in found.items():
        if name in missing:
            rows.append((name, *("-" for _ in _COLUMNS[1:])))
            continue
        ratios = [theirs.cpu_us / own.cpu_us for theirs, own in zip(figures, ours, strict=True)]
        rows.append(
            (
                name,
                spread(one.cpu_us for one in figures).text(0),
                "" if name == WORKER else spread(ratios).text(2),
                spread(one.tiny_per_s for one in figures).text(0),
                spread(one.b2_share for one in figures).text(3),
                spread(one.b3_share for one in figures).text(3),
            )
        )
        if name not in (WORKER, GATEWAY):
            bounds += _bounds(name, figures, found[GATEWAY], ratios)
    notes = (
        f"{rounds} rounds of {seconds:g} s; each reply checked. Servers, generator and, where it is named, Envoy share "
        "the cores. CPU time is that of all of a server's processes.",
        f"B2: {measure.B2_DEVICE}, {measure.B2_IN_FLIGHT} calls in flight, limit {measure.B2_DEVICE.limit:,.0f}/s. B3: "
        f"{measure.B3_DEVICE}, {measure.OVERLOAD:g}x its limit of {measure.B3_DEVICE.limit:,.0f}/s offered, deadline "
        f"{measure.DEADLINE_S * 1e3:g} ms. Promises on B2 and B3 compare our gateway with peers that have none.",
        *(f"{name} {text}" for name, text in missing.items()),
    )
    every = [asdict(one) for figures in found.values() for one in figures]
    wrong = [
        f"{one.server}: {one.others['B1']} on B1"
        for name in (WORKER, GATEWAY)
        for one in found[name]
        if one.others["B1"]
    ]
    return Section("b7", Table("B7: other servers", _COLUMNS, tuple(rows), notes), tuple(bounds), every, tuple(wrong))


def _bounds(name: str, theirs: Sequence[Figures], ours: Sequence[Figures], cpu: Sequence[float]) -> list[Bound]:
    """Ours over theirs: more than 1 is ahead."""
    pairs = list(zip(ours, theirs, strict=True))
    bounds = [
        Bound(f"B2: ours / {name}", spread(a.b2_share / max(b.b2_share, 1e-3) for a, b in pairs), 1.0, at_least=True),
        Bound(f"B3: ours / {name}", spread(a.b3_share / max(b.b3_share, 1e-3) for a, b in pairs), 1.0, at_least=True),
    ]
    if not name.startswith(UNBOUND_ON_B1):
        bounds.append(Bound(f"B1: CPU of {name} / ours", spread(cpu), 1.0, at_least=True))
    return bounds


def main(arguments: Sequence[str]) -> int:
    """Measures; 0 where we are ahead as promised, 1 where not, 2 where our own servers do not run."""
    options = _parser().parse_args(arguments)
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    peers = [peer for peer in environments.PEERS if not options.names or peer.environment in options.names]
    try:
        generator.build()
        with console.status("b7") as status:
            done = run(peers, options.rounds, options.seconds, lambda text: status.update(f"b7: {text}"))
    except ServerFailed as error:
        console.print(f"bench.peers: {error}", markup=False)
        return 2
    report.show(done, console)
    command = [PROGRAM, *options.names, f"--rounds {options.rounds}", f"--seconds {options.seconds:g}"]
    written = Report(" ".join(command), machine.describe(), [done])
    if options.json:
        report.write_json(written, options.json)
    if options.markdown:
        report.rewrite(DOCUMENT, written, PROGRAM)
    return 0 if done.passed else 1


def _parser() -> argparse.ArgumentParser:
    names = sorted({peer.environment for peer in environments.PEERS})
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Compares Argosy with other servers.")
    parser.add_argument(
        "names", nargs="*", choices=[[], *names], metavar="NAME", help=f"default all: {', '.join(names)}"
    )
    parser.add_argument("--rounds", type=int, default=1, help="rounds; default 1")
    parser.add_argument("--seconds", type=float, default=10.0, help="seconds of each measurement; default 10")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round's figures")
    parser.add_argument("--markdown", action="store_true", help=f"rewrite the part of {DOCUMENT} that is its own")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
