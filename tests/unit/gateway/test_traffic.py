# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The section ``traffic`` of a model in the fleet document."""

import pytest
from argosy_gateway import document
from argosy_gateway.traffic import Share, Traffic

HEAD = 'workers: [{domain: vision, address: "127.0.0.1:8101"}]\n'


def parsed(model: str) -> Traffic:
    entry = document.parse(f"{HEAD}models: {{digits: {model}}}\n", "fleet.yaml").models["digits"]
    return entry.traffic.resolved(entry.labels)


def test_labels_become_versions() -> None:
    wanted = "{labels: {stable: 1, canary: 2}, traffic: {split: {stable: 99.5, canary: 0.5}, mirror: {canary: 5}}}"
    assert parsed(wanted) == Traffic((Share(2, 50), Share(1, 9950)), (Share(2, 500),))


def test_versions_may_be_numbers_with_and_without_quotes() -> None:
    assert parsed('{traffic: {split: {1: 90, "2": 10}}}') == Traffic((Share(2, 1000), Share(1, 9000)))


def test_what_names_of_one_version_get_adds_up_and_nothing_is_left_out() -> None:
    assert parsed("{labels: {stable: 1}, traffic: {split: {stable: 90, 1: 10, 2: 0}}}") == Traffic((Share(1, 10_000),))


def test_a_model_may_say_nothing_of_its_traffic() -> None:
    assert parsed("{}") == Traffic()


@pytest.mark.parametrize(
    ("model", "key", "reason"),
    [
        ("{traffic: {split: {1: 90}}}", "models.digits.traffic.split", "must sum to 100, not 90"),
        ("{traffic: {split: {1: 90, 2: 20}}}", "models.digits.traffic.split", "must sum to 100, not 110"),
        ("{traffic: {split: {1: 101}}}", "models.digits.traffic.split.1", "less than or equal to 100"),
        ("{traffic: {split: {1: 100, 2: -1}}}", "models.digits.traffic.split.2", "greater than or equal to 0"),
        ("{traffic: {mirror: {1: 0.005}}}", "models.digits.traffic.mirror.1", "at most two decimals"),
        ("{traffic: {mirror: {1: .nan}}}", "models.digits.traffic.mirror.1", "finite"),
        ("{traffic: {mirror: {1: true}}}", "models.digits.traffic.mirror.1", "number"),
        ('{traffic: {mirror: {1: "5"}}}', "models.digits.traffic.mirror.1", "number"),
        ("{traffic: {mirror: {a b: 5}}}", "models.digits.traffic.mirror.a b", "pattern"),
        ("{traffic: {mirror: {0: 5}}}", "models.digits.traffic.mirror.0", "pattern"),
        ("{traffic: {split: {1: 50, '1': 50}}}", "models.digits.traffic.split.1", "given twice"),
        ("{labels: {stable: 1}, traffic: {mirror: {canary: 5}}}", "models.digits", "'canary', and labels has stable"),
        ("{traffic: {split: {stable: 100}}}", "models.digits", "'stable', and labels has none"),
        ("{traffic: {shares: {1: 100}}}", "models.digits.traffic.shares", "no such key"),
    ],
)
def test_what_cannot_be_is_refused_with_its_key_and_line(model: str, key: str, reason: str) -> None:
    with pytest.raises(document.DocumentError) as error:
        parsed(model)
    assert str(error.value).startswith(f"fleet.yaml:2: {key}: ")
    assert reason in str(error.value)
