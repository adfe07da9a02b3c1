# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``python3 dependencies.py EXTRA,...`` prints what Argosy with these extras ("" for none) needs, a requirement a line.

What is installed before Argosy itself stays in the builder's cache when only Argosy changes. Standard library alone.
"""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

_OURS = re.compile(r"argosy\[(.*)\]")


def requirements(project: dict[str, Any], extras: list[str]) -> list[str]:
    """Requirements of extras, and of the extras that these name. Raises KeyError for an unknown one."""
    found: list[str] = list(project["dependencies"])
    pending, seen = list(extras), set[str]()
    while pending:
        extra = pending.pop()
        if extra in seen:
            continue
        seen.add(extra)
        for requirement in project["optional-dependencies"][extra]:
            if ours := _OURS.fullmatch(requirement):
                pending += [name.strip() for name in ours.group(1).split(",")]
            else:
                found.append(requirement)
    return sorted(set(found))


def main(extras: str) -> None:
    """Prints the requirements of the project beside this program."""
    project = tomllib.loads((Path(__file__).parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    print("\n".join(requirements(project, [extra for extra in extras.split(",") if extra])))


if __name__ == "__main__":
    main(sys.argv[1])
