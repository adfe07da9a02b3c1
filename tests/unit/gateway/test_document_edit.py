# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Edits of the fleet document change what they are for, and nothing else of its text."""

from pathlib import Path

import pytest
import yaml
from argosy_gateway import document
from argosy_gateway.document_edit import put, remove, set_labels, set_loaded

HEAD = """# The fleet.
workers:
  - {domain: vision, address: "127.0.0.1:8101"}  # one worker
"""


FACES = "  faces: {loaded: false}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "models:\n  digits: {loaded: false}\n"),
        ("models: {}\n", "models: {digits: {loaded: false}}\n"),
        (f"models:\n  # ours\n{FACES}", f"models:\n  # ours\n{FACES}  digits: {{loaded: false}}\n"),
        (
            "models:\n  digits: {labels: {stable: 1}} # old\n",
            "models:\n  digits: {labels: {stable: 1}, loaded: false} # old\n",
        ),
        (
            "models:\n  digits:\n    labels:\n      stable: 1  # old\n\n# end\n",
            "models:\n  digits:\n    labels:\n      stable: 1  # old\n    loaded: false\n\n# end\n",
        ),
        ("models:\n  digits: {loaded: true}\n", "models:\n  digits: {loaded: false}\n"),
        ("models:\n  digits:\n", "models:\n  digits: {loaded: false}\n"),
    ],
)
def test_a_value_is_put_where_a_person_would_put_it(before: str, after: str) -> None:
    assert put(HEAD + before, ("models", "digits", "loaded"), False) == HEAD + after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("models:\n  digits: {loaded: false}\n", ""),
        ("models: {digits: {loaded: false}}\n", ""),
        ("models:\n  digits: {labels: {stable: 1}, loaded: false}\n", "models:\n  digits: {labels: {stable: 1}}\n"),
        ("models:\n  digits: {loaded: false, labels: {stable: 1}}\n", "models:\n  digits: {labels: {stable: 1}}\n"),
        (
            "models:\n  digits:\n    loaded: false  # why\n    labels: {a: 1}\n",
            "models:\n  digits:\n    labels: {a: 1}\n",
        ),
        (f"models:\n  digits:\n    loaded: false\n  # kept\n{FACES}", f"models:\n  # kept\n{FACES}"),
        (f"models:\n{FACES}", f"models:\n{FACES}"),
        ("", ""),
    ],
)
def test_a_value_is_removed_with_what_would_be_empty_without_it(before: str, after: str) -> None:
    assert remove(HEAD + before, ("models", "digits", "loaded")) == HEAD + after


def test_a_json_document_is_edited_too() -> None:
    text = '{"workers": [{"domain": "vision", "address": "127.0.0.1:8101"}]}'
    assert yaml.safe_load(put(text, ("models", "digits", "loaded"), False))["models"] == {"digits": {"loaded": False}}


@pytest.mark.parametrize("name", ["on", "1", "null"])
def test_names_that_mean_something_else_in_yaml_are_quoted(name: str) -> None:
    edited = put(HEAD, ("models", name, "loaded"), False)
    assert document.parse(edited, "f").models[name].loaded is False


def test_an_edit_that_would_change_something_else_is_refused() -> None:
    text = HEAD + "models:\n  faces: &same {labels: {a: 1}}\n  digits: *same\n"
    with pytest.raises(document.DocumentError, match="by hand"):
        put(text, ("models", "digits", "labels", "a"), 2)


def test_loading_and_labels_are_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(HEAD)
    path.chmod(0o640)
    assert set_loaded(path, "digits", False)
    assert not set_loaded(path, "digits", False), "nothing to change"
    assert set_labels(path, "digits", {"stable": 1, "canary": 2}, ())
    model = document.load(path).models["digits"]
    assert (model.loaded, model.labels) == (False, {"stable": 1, "canary": 2})
    assert set_loaded(path, "digits", True)
    assert set_labels(path, "digits", {"stable": 2}, ("canary",))
    assert document.load(path).models["digits"].labels == {"stable": 2}
    assert path.read_text().startswith(HEAD)
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["fleet.yaml"]


@pytest.mark.parametrize("labels", [{"1st": 1}, {"stable": 0}])
def test_a_label_that_the_document_may_not_hold_is_refused_and_nothing_is_written(
    tmp_path: Path, labels: dict[str, int]
) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(HEAD)
    with pytest.raises(document.DocumentError):
        set_labels(path, "digits", labels, ())
    assert path.read_text() == HEAD
