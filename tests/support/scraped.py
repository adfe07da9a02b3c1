# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A process's page of metrics, read."""

import urllib.request

from prometheus_client.parser import text_string_to_metric_families


def scraped(port: int) -> dict[tuple[str, ...], float]:
    """Values by name and label values, labels in alphabetical order, of what is on a port of this machine."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
        families = text_string_to_metric_families(page.read().decode())
    return {
        (one.name, *(value for _, value in sorted(one.labels.items()))): one.value
        for family in families
        for one in family.samples
    }
