# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a real fleet exports, and what queries ask of it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.contract.manifests.rendered import Manifests

#: Labels that Prometheus adds to what it scrapes of a pod.
SCRAPED = {"namespace": "argosy-system", "pod": "gateway-0"}
_NAME = re.compile(r"\b(?:argosy|envoy|process)_\w+")
_SUFFIXES = ("_total", "_bucket", "_sum", "_count")


@dataclass(frozen=True)
class Query:
    """A query, and where it stands."""

    place: str
    text: str

    def names(self) -> set[str]:
        """The metrics that it reads."""
        labels = re.compile(r"(?:by|on|group_left|without) \([^)]*\)|\{[^}]*\}")
        return set(_NAME.findall(labels.sub("", self.text)))

    def plain(self) -> str:
        """The query without the variables of a dashboard."""
        return self.text.replace("$__rate_interval", "5m").replace("$namespace", ".*").replace("$model", ".*")


@dataclass(frozen=True)
class Recorded:
    """What was scraped: names of all metrics, and the samples by series."""

    names: frozenset[str]
    samples: Mapping[str, float]

    def series(self) -> Iterator[dict[str, str]]:
        """The samples as input of promtool: counters grow by what they are in each minute, gauges stay."""
        for series, value in self.samples.items():
            name = series.partition("{")[0]
            grows = name.endswith(_SUFFIXES) or name.startswith("envoy_cluster_upstream_rq")
            yield {"series": series, "values": f"0+{value:g}x20" if grows else f"{value:g}x20"}


def parse(*pages: str) -> Recorded:
    """Reads pages of metrics."""
    names, samples = set(), {}
    for page in pages:
        for family in text_string_to_metric_families(page):
            names |= {family.name, *(family.name + suffix for suffix in _SUFFIXES)}
            for sample in family.samples:
                labels = ", ".join(f"{key}={json.dumps(value)}" for key, value in {**sample.labels, **SCRAPED}.items())
                samples[f"{sample.name}{{{labels}}}"] = sample.value
    return Recorded(frozenset(names), samples)


def dashboards(manifests: Manifests) -> dict[str, dict[str, Any]]:
    """Dashboards by file name."""
    return {name: json.loads(text) for name, text in manifests.get("ConfigMap", "argosy-dashboards")["data"].items()}


def queries(manifests: Manifests) -> list[Query]:
    """All queries of dashboards and alerts."""
    drawn = [
        Query(f"{name}: {panel['title']}", target["expr"])
        for name, dashboard in dashboards(manifests).items()
        for panel in dashboard["panels"]
        for target in panel["targets"]
    ]
    return drawn + [Query(rule["alert"], rule["expr"]) for rule in alerts(manifests)]


def alerts(manifests: Manifests) -> list[dict[str, Any]]:
    """All alerts."""
    (resource,) = manifests.of("PrometheusRule")
    return [rule for group in resource["spec"]["groups"] for rule in group["rules"]]
