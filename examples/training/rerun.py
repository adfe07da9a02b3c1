# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Run the training scripts again from scratch, and compare the figures of what they make with those checked in.

Nothing of ``models/`` is changed: the new models go to ``--output``. Exits 1 where a script failed or a figure is
farther from its record than :data:`TOLERANCE`.
"""

import argparse
import datetime
import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from common import MODELS

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs/models.md"
OPEN, CLOSE = "<!-- rerun -->", "<!-- /rerun -->"
#: How far a figure may be from its record: shares by this much, others (in the unit of a target) by this part of them.
#: Weights differ in their last digits from machine to machine, and from there on training takes another way.
TOLERANCE = 0.02
COLUMNS = ("model", "date", "CPU minutes", "figure", "split", "recorded", "rerun", "verdict")

Figures = dict[tuple[str, str], float]
"""Values by name and split."""


@dataclass(frozen=True, slots=True)
class Rerun:
    """What became of one script."""

    model: str
    date: str
    minutes: float
    """Of CPU time."""
    recorded: Figures
    found: Figures
    """Empty where the script failed."""

    def rows(self) -> list[tuple[str, ...]]:
        """One row for each recorded figure."""
        about = (self.model, self.date, f"{self.minutes:.1f}")
        return [
            (*about, *key, f"{value:.4f}", self._text(key), self._verdict(key, value))
            for key, value in self.recorded.items()
        ]

    @property
    def passed(self) -> bool:
        """Whether every figure is where it was, within the tolerance."""
        return all(self._verdict(key, value) == "ok" for key, value in self.recorded.items())

    def _text(self, key: tuple[str, str]) -> str:
        return f"{self.found[key]:.4f}" if key in self.found else "-"

    def _verdict(self, key: tuple[str, str], recorded: float) -> str:
        if key not in self.found:
            return "missing"
        allowed = TOLERANCE * max(1.0, abs(recorded))
        return "ok" if abs(self.found[key] - recorded) <= allowed else "differs"


def main() -> int:
    """Run all scripts, or those of the models named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", help="such as tabular/mlp; all that are checked in where none is named")
    parser.add_argument("--output", type=Path, required=True, help="folder for the new models")
    parser.add_argument("--write", action="store_true", help="record the result in docs/models.md")
    options = parser.parse_args()
    checked_in = {f"{path.parent.parent.name}/{path.parent.name}": path for path in MODELS.glob("*/*/model.yaml")}
    names = options.models or sorted(
        name for name, path in checked_in.items() if "trained_by" in path.read_text("utf-8")
    )
    if unknown := sorted(set(names) - set(checked_in)):
        parser.error(f"no such model: {', '.join(unknown)}; there are {', '.join(sorted(checked_in))}")
    reruns = []
    for number, name in enumerate(names, 1):
        print(f"{number} of {len(names)}: {name}", flush=True)
        reruns.append(_rerun(name, checked_in[name], options.output / name))
        print("\n".join("  ".join(row[3:]) for row in reruns[-1].rows()), flush=True)
    if options.write:
        text = DOCUMENT.read_text("utf-8")
        DOCUMENT.write_text(
            re.sub(f"{OPEN}(.*?){CLOSE}", lambda found: _section(found[1], reruns), text, flags=re.S), "utf-8"
        )
    return 0 if all(rerun.passed for rerun in reruns) else 1


def _rerun(name: str, checked_in: Path, output: Path) -> Rerun:
    script = HERE / Path(_settings(checked_in)["provenance"]["trained_by"]).name
    before = _used_s()
    log = output.with_suffix(".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        command = [sys.executable, str(script), "--output", str(output)]
        done = subprocess.run(command, cwd=HERE, stdout=out, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        print(f"  failed: see {log}", flush=True)
    found = {} if done.returncode else _figures(output / "model.yaml")
    date = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"
    return Rerun(name, date, (_used_s() - before) / 60, _figures(checked_in), found)


def _used_s() -> float:
    """CPU time of the programs that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _settings(path: Path) -> dict[str, Any]:
    settings: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return settings


def _figures(path: Path) -> Figures:
    return {(one["name"], one["split"]): float(one["value"]) for one in _settings(path)["metrics"]}


def _section(before: str, reruns: list[Rerun]) -> str:
    """The table with the rows of these models, and of others as they were."""
    made = {rerun.model for rerun in reruns}
    rows = [
        cells for line in before.splitlines() if (cells := _cells(line)) and "/" in cells[0] and cells[0] not in made
    ]
    rows += [row for rerun in reruns for row in rerun.rows()]
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *sorted(rows, key=lambda row: row[0])]
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}."
    return f"{OPEN}\n\n{machine}\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines) + f"\n\n{CLOSE}"


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|")) if line.startswith("|") else ()


if __name__ == "__main__":
    sys.exit(main())
