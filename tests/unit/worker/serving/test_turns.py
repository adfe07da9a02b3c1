# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Turns of tenants: each tenant's calls in their order, none lost, nobody behind more than one call of each other."""

from collections import defaultdict

import pytest
from argosy_worker.serving import turns
from argosy_worker.serving.turns import Lines, Tenants
from hypothesis import given
from hypothesis import strategies as st


@given(st.lists(st.one_of(st.sampled_from("abc"), st.none()), max_size=60))
def test_every_call_is_taken_once_in_its_tenants_order(steps: list[str | None]) -> None:
    lines: Lines[tuple[str, int]] = Lines()
    waiting: dict[str, list[int]] = defaultdict(list)
    for number, tenant in enumerate(steps):
        if tenant is not None:
            lines.push(tenant, (tenant, number))
            waiting[tenant].append(number)
        elif any(waiting.values()):
            whose, taken = lines.pop()
            assert waiting[whose].pop(0) == taken
        assert len(lines) == sum(map(len, waiting.values()))
    while len(lines):
        whose, taken = lines.pop()
        assert waiting[whose].pop(0) == taken
    assert not any(waiting.values())
    with pytest.raises(KeyError):
        lines.pop()


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=60))
def test_between_two_calls_of_a_tenant_that_waits_each_other_has_at_most_one(tenants: list[str]) -> None:
    lines: Lines[str] = Lines()
    for tenant in tenants:
        lines.push(tenant, tenant)
    taken = [lines.pop() for _ in tenants]
    for tenant in set(tenants):
        places = [place for place, whose in enumerate(taken) if whose == tenant]
        for before, after in zip([-1, *places], places, strict=False):
            between = taken[before + 1 : after]
            assert len(set(between)) == len(between)


def test_one_tenant_is_not_several_and_two_are_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(turns.time, "monotonic", lambda: now)
    tenants = Tenants()
    assert not tenants.several
    tenants.note("one")
    now += turns.SEVERAL_S
    tenants.note("one")
    assert not tenants.several
    tenants.note("two")
    assert tenants.several
    now += turns.SEVERAL_S
    assert not tenants.several
