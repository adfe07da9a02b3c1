# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls that end the worker that runs them."""

from pathlib import Path

import pytest

from tests.e2e.load import Question, in_flight
from tests.e2e.replicas import run_replicas
from tests.e2e.wire import Outcome, open_channel, send
from tests.support import misbehaving
from tests.support.envoy import wait_for

pytestmark = pytest.mark.failures

PATH = "/inference.GRPCInferenceService/ModelInfer"
MODEL = "double"
REPLICAS = 4
#: Of each kind.
POISONS = 2


def check(outcome: Outcome) -> None:
    """Fails unless an answer is the right one."""
    assert misbehaving.answer(outcome.answer) == 6.0


QUESTION = Question(PATH, misbehaving.infer(MODEL, 3.0), MODEL, check)


@pytest.mark.timeout(300)
def test_a_call_that_ends_its_worker_is_refused_after_the_second_and_the_others_go_on(tmp_path: Path) -> None:
    repository = tmp_path / "tabular"
    misbehaving.add_misbehaving(repository, MODEL)
    environment = misbehaving.installed(tmp_path / "engines")
    with (
        run_replicas(tmp_path, repository, "--drain-s", "0", count=REPLICAS, environment=environment) as (
            replicas,
            gateway,
        ),
        in_flight(gateway.address, 8, question=QUESTION) as load,
        open_channel(gateway.address) as channel,
    ):
        for metadata in [(), (("x-model", MODEL),)] * POISONS:
            load.more(200)
            outcome = send(channel, PATH, misbehaving.infer(MODEL, misbehaving.POISON), metadata=metadata)
            assert outcome.refused() == ("INTERNAL", "WORKER_LOST")
            wait_for(lambda: len(replicas.ended()) >= 2, "two workers to end", gateway)
            lost = replicas.ended()
            assert len(lost) == 2
            load.more(200)
            assert replicas.ended() == lost
            for which in lost:
                replicas.start(which)
                load.answers_from(f"replica-{which}")
    # Only a call that met both workers as they ended shares the poison's fate.
    assert load.codes.keys() <= {"OK", "INTERNAL", "UNAVAILABLE"}, load.codes
    assert len(load.failures) <= load.total // 100, load.codes
