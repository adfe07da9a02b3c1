# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Writes the reference tables of the documentation from the code that they describe.

``python -m tools.reference --check`` says which page has drifted, and exits 1; ``--write`` brings all pages up to date.
A page holds a table between ``<!-- reference: NAME -->`` and ``<!-- /reference -->``.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from tools.reference_tables import errors, metrics, models, schema, settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README.md", "CONTRIBUTING.md", "docs")
_SECTION = re.compile(r"(?P<open><!-- reference: (?P<name>[a-z0-9-]+) -->\n).*?(?P<close><!-- /reference -->)", re.S)

#: Renders one reference section as Markdown, without a line break at its end.
SECTIONS: Mapping[str, Callable[[], str]] = {
    "model-yaml": schema.model_yaml,
    "fleet-document": schema.fleet_document,
    "worker-settings": settings.worker,
    "control-plane-settings": settings.control_plane,
    "client-settings": settings.client,
    "up-options": settings.up,
    "worker-metrics": metrics.worker,
    "control-plane-metrics": metrics.control_plane,
    "controller-metrics": metrics.controller,
    "errors": errors.table_of_errors,
    "models": models.catalogue,
}


def pages(root: Path = ROOT) -> list[Path]:
    """Lists every Markdown page of the documentation."""
    found: list[Path] = []
    for name in PAGES:
        path = root / name
        found += sorted(path.rglob("*.md")) if path.is_dir() else [path]
    return found


def renewed(text: str) -> str:
    """Returns a page with every reference section rendered anew.

    Raises:
        KeyError: a section has a name that nothing renders.
    """
    return _SECTION.sub(lambda found: f"{found['open']}\n{SECTIONS[found['name']]()}\n\n{found['close']}", text)


def drifted(paths: Iterable[Path]) -> dict[Path, str]:
    """Returns the pages that are not up to date, with what they should hold."""
    found = {}
    for path in paths:
        text = path.read_text("utf-8")
        fresh = renewed(text)
        if fresh != text:
            found[path] = fresh
    return found


def main(arguments: Sequence[str]) -> int:
    """Checks or writes the pages; returns the exit code."""
    parser = argparse.ArgumentParser(prog="tools.reference", description=__doc__.splitlines()[0] if __doc__ else "")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--check", action="store_true", help="exit 1 where a page has drifted from the code")
    action.add_argument("--write", action="store_true", help="bring every page up to date")
    write = parser.parse_args(arguments).write
    stale = drifted(pages())
    for path, fresh in stale.items():
        if write:
            path.write_text(fresh, "utf-8")
        else:
            print(f"{path.relative_to(ROOT)}: differs from the code; run: python -m tools.reference --write")
    return 1 if stale and not write else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
