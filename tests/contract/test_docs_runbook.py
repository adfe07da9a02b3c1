# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The runbook has its steps, and each of its incidents happens in tests/cluster, where they are typed."""

from tests.cluster.incidents import AWAY, INCIDENTS, PAGE
from tests.contract.docs_pages import below, blocks


def test_every_incident_has_its_steps_and_happens_on_a_cluster() -> None:
    headings = [line.removeprefix("## ") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("## ")]
    assert {"Runbook", *headings} == {*INCIDENTS, AWAY}
    for heading in headings:
        steps = [block.argument.partition(",")[0] for block in below(PAGE, heading)]
        assert [*dict.fromkeys(steps)] == (["look", "over"] if heading == AWAY else ["look", "do", "over"]), heading


def test_every_command_of_the_page_is_typed() -> None:
    assert {block.mark for block in blocks(PAGE)} == {"cluster"}
    shown = PAGE.read_text("utf-8").count("\n$ ")
    assert shown == sum(len(list(block.commands())) for block in blocks(PAGE)) > 20
