# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest
from argosy_gateway.discovery.kubernetes.objects import Expired, Garbage, Known


def about(name: str, version: str, **content: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "resourceVersion": version}, **content}


def known(*names: str) -> Known:
    found = Known()
    found.replace({"metadata": {"resourceVersion": "5"}, "items": [about(name, "1") for name in names]})
    return found


def test_events_change_what_was_listed_and_move_the_point_from_which_to_go_on() -> None:
    state = known("a", "b")
    assert state.apply({"type": "ADDED", "object": about("c", "6")})
    assert state.apply({"type": "MODIFIED", "object": about("a", "7", new=True)})
    assert state.apply({"type": "DELETED", "object": about("b", "8")})
    assert set(state.objects) == {"a", "c"}
    assert state.objects["a"]["new"] is True
    assert state.version == "8"


def test_a_bookmark_moves_that_point_alone() -> None:
    state = known("a")
    assert not state.apply({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "9"}}})
    assert (state.version, set(state.objects)) == ("9", {"a"})


def test_a_list_without_items_is_a_list_of_none() -> None:
    state = known("a")
    state.replace({"metadata": {"resourceVersion": "6"}, "items": None})
    assert state.objects == {}


@pytest.mark.parametrize(
    "listed",
    [
        None,
        [],
        "text",
        {},
        {"items": []},
        {"metadata": {}, "items": []},
        {"metadata": {"resourceVersion": ""}, "items": []},
        {"metadata": {"resourceVersion": "6"}, "items": [{}]},
        {"metadata": {"resourceVersion": "6"}, "items": [{"metadata": {"name": 1}}]},
        {"kind": "Status", "code": 500},
    ],
)
def test_a_list_that_is_none_changes_nothing(listed: Any) -> None:
    state = known("a")
    with pytest.raises(Garbage):
        state.replace(listed)
    assert (state.version, set(state.objects)) == ("5", {"a"})


@pytest.mark.parametrize(
    "event",
    [
        None,
        3,
        "text",
        {},
        {"type": "ADDED"},
        {"type": "ADDED", "object": None},
        {"type": "ADDED", "object": {"metadata": {"name": "b"}}},
        {"type": "ADDED", "object": {"metadata": {"resourceVersion": "6"}}},
        {"type": "ADDED", "object": {"metadata": {"name": "b", "resourceVersion": 6}}},
        {"type": "RENAMED", "object": about("b", "6")},
    ],
)
def test_an_event_that_is_none_changes_nothing(event: Any) -> None:
    state = known("a")
    with pytest.raises(Garbage):
        state.apply(event)
    assert (state.version, set(state.objects)) == ("5", {"a"})


def test_an_error_ends_the_watch_and_nothing_is_forgotten() -> None:
    state = known("a")
    with pytest.raises(Expired, match="410: too old"):
        state.apply({"type": "ERROR", "object": {"code": 410, "message": "too old"}})
    assert set(state.objects) == {"a"}
