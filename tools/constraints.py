# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Writes constraints.txt: the version of each package that the ``dev`` extra brings, as installed here.

``python tools/constraints.py > constraints.txt``, in an environment in which everything passes. Names and versions
only; packages that nothing of ours requires are left out.
"""

import sys
from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HEADER = """\
# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# Versions that are known to work together; written by tools/constraints.py, used by `make setup`.
"""


#: Ourselves, and what comes with every virtual environment.
NOT_PINNED = {"argosy", "pip", "setuptools"}


def closure(root: Requirement) -> set[str]:
    """Returns the names of all packages that a requirement brings here, itself included."""
    done: set[tuple[str, str]] = set()
    waiting = [(root.name, extra) for extra in ("", *root.extras)]
    while waiting:
        name, extra = waiting.pop()
        if (canonicalize_name(name), extra) in done:
            continue
        done.add((canonicalize_name(name), extra))
        for text in distribution(name).requires or ():
            required = Requirement(text)
            if required.marker is None or required.marker.evaluate({"extra": extra}):
                waiting += [(required.name, wanted) for wanted in ("", *required.extras)]
    return {name for name, _ in done}


def main() -> int:
    """Prints the file."""
    names = closure(Requirement("argosy[dev]")) - NOT_PINNED
    sys.stdout.write(HEADER)
    for name in sorted(names):
        print(f"{name}=={distribution(name).version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
