# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Reading a worker's metrics."""

import re
import urllib.request
from collections import defaultdict

_SAMPLE = re.compile(r"(?m)^(\w+)\{([^}]*)\} (\S+)$")


def totals(metrics_address: str, *labels: str) -> dict[str, float]:
    """Sums every metric over its series; the values of ``labels`` become part of the name, such as ``name/value``."""
    with urllib.request.urlopen(f"http://{metrics_address}/metrics") as answer:
        page: str = answer.read().decode()
    found: dict[str, float] = defaultdict(float)
    for name, described, value in _SAMPLE.findall(page):
        wanted = [part for label in labels for part in re.findall(rf'\b{label}="([^"]*)"', described)]
        found["/".join([name, *wanted])] += float(value)
    return found
