# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import pytest
import yaml
from argosy_client.bridge.edit import with_key

TEXT = """\
# A comment that stays.
name: a
golden:
# a comment within the old value
- file: one.json
  tolerance: 1

- file: two.json

# Another one that stays.
batching:
  max_batch_size: 1
"""


def test_one_key_is_replaced_and_everything_else_stays_as_written() -> None:
    text = with_key(TEXT, "golden", [{"file": "three.json"}])
    assert yaml.safe_load(text) == {
        "name": "a",
        "golden": [{"file": "three.json"}],
        "batching": {"max_batch_size": 1},
    }
    assert "# A comment that stays.\nname: a\n" in text
    assert "# Another one that stays.\nbatching:\n  max_batch_size: 1\n" in text


@pytest.mark.parametrize("text", ["", "name: a", "name: a\n", "version_policy: {all: true}\nname: a\n"])
def test_a_key_that_is_missing_or_on_one_line_is_set(text: str) -> None:
    made = yaml.safe_load(with_key(text, "version_policy", {"listed": [1, 2]}))
    assert made["version_policy"] == {"listed": [1, 2]}
    assert made.get("name") == (yaml.safe_load(text) or {}).get("name")


def test_a_key_is_removed() -> None:
    assert "golden" not in yaml.safe_load(with_key(TEXT, "golden", None))
