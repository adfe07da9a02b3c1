# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What calls of models do."""

import pytest
from argosy_gateway.controller.status import Figures
from argosy_gateway.controller.usage import Usage, parse

from tests.unit.gateway.controller.resources import wanted


def metrics(model: str, buckets: dict[str, int], method: str = "a") -> str:
    """The text that a worker serves."""
    labels = f'domain="vision",method="{method}",model="{model}",version="1"'
    lines = [f'argosy_request_seconds_bucket{{{labels},le="{bound}"}} {count}' for bound, count in buckets.items()]
    lines.append(f"argosy_request_seconds_count{{{labels}}} {buckets['+Inf']}")
    return "\n".join(["# TYPE argosy_request_seconds histogram", *lines, "# TYPE other gauge", "other 1"])


def test_calls_of_all_methods_are_one_model() -> None:
    text = metrics("digits", {"0.1": 1, "+Inf": 2}) + "\n" + metrics("digits", {"0.1": 3, "+Inf": 5}, "b")
    assert parse(text)["digits", "1"].total == 7


def test_rates_and_quantiles_are_of_the_time_between_two_readings() -> None:
    usage = Usage(60.0)
    usage.take({"a": metrics("digits", {"0.1": 1000, "0.2": 1000, "+Inf": 1000})}, 0.0)
    assert usage.of(wanted()) == Figures()
    usage.take({"a": metrics("digits", {"0.1": 1000, "0.2": 1100, "+Inf": 1100})}, 10.0)
    found = usage.of(wanted())
    assert found.per_second == pytest.approx(10)
    assert found.p99_s == pytest.approx(0.199)
    usage.take({"a": metrics("digits", {"0.1": 1000, "0.2": 1100, "+Inf": 1100})}, 20.0)
    assert usage.of(wanted()) == Figures(0.0, None)


def test_workers_are_added_up_and_one_that_began_anew_counts_from_its_beginning() -> None:
    usage = Usage(60.0)
    before = metrics("digits", {"0.1": 50, "+Inf": 50})
    usage.take({"a": before, "b": before}, 0.0)
    usage.take({"a": metrics("digits", {"0.1": 70, "+Inf": 70}), "b": metrics("digits", {"0.1": 10, "+Inf": 10})}, 10.0)
    assert usage.of(wanted()).per_second == pytest.approx(3)


def test_calls_beyond_the_last_bound_count_as_that() -> None:
    usage = Usage(60.0)
    usage.take({"a": metrics("digits", {"0.1": 0, "+Inf": 0})}, 0.0)
    usage.take({"a": metrics("digits", {"0.1": 0, "+Inf": 10})}, 10.0)
    assert usage.of(wanted()).p99_s == 0.1


@pytest.mark.parametrize(
    "text",
    [
        "argosy_request_seconds_bucket{model=",
        'argosy_request_seconds_bucket{model="digits"} 1',
        'argosy_requests_total{model="m",version="1", =rsion="1"} 3 1',
        f'argosy_requests_total{{model="m",version="1",code="INTERNAL"}} {"9" * 400}',
    ],
)
def test_what_is_not_understood_counts_for_nothing(text: str) -> None:
    usage = Usage(60.0)
    usage.take({"a": text}, 0.0)
    usage.take({"a": metrics("digits", {"+Inf": 1})}, 1.0)
    assert usage.of(wanted()) == Figures()


def test_copies_of_calls_say_how_far_a_version_is_from_the_stable_one() -> None:
    model = wanted(labels={"stable": 1, "canary": 2}, traffic={"mirror": {"canary": 5, "3": 1}})

    def compared(version: int, buckets: dict[str, int]) -> str:
        labels = f'domain="vision",model="digits",version="{version}"'
        name = f"argosy_shadow_difference_bucket{{{labels}"
        lines = [f'{name},le="{bound}"}} {count}' for bound, count in buckets.items()]
        return "\n".join(["# TYPE argosy_shadow_difference histogram", *lines])

    usage = Usage(60.0)
    usage.take({"a": compared(2, {"0.0": 0, "0.001": 0, "+Inf": 0})}, 0.0)
    assert usage.of(model).disagreement == ""
    usage.take({"a": compared(2, {"0.0": 50, "0.001": 199, "+Inf": 200})}, 10.0)
    assert usage.of(model).disagreement == "canary (2): 99 of 100 answers differ by at most 0.001, of 200"
    usage.take({"a": compared(2, {"0.0": 50, "0.001": 199, "+Inf": 300})}, 20.0)
    assert usage.of(model).disagreement == "canary (2): 99 of 100 answers cannot be compared, of 300"
