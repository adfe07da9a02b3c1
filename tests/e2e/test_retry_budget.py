# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Overloaded workers refuse calls, and no retry makes more of them; see also ``contract/gateway/test_retry_budget``."""

from pathlib import Path

import numpy as np

from tests.e2e.load import Question, in_flight
from tests.e2e.replicas import run_replicas
from tests.e2e.wire import Outcome
from tests.support import misbehaving

#: Two workers answer 100 calls a second; each lets one wait.
YAML = """
execution: {engine: simulated, parameters: {fixed_ms: 20, item_ms: 0, width: 1}}
batching: {max_batch_size: 1, max_queue: 1}
"""
IN_FLIGHT = 32
CALLS = 1_500


def check(outcome: Outcome) -> None:
    """Fails unless an answer is the right one."""
    assert np.float32(misbehaving.answer(outcome.answer)) == 3.0


def test_a_call_that_an_overloaded_worker_refuses_is_not_sent_to_another(tmp_path: Path) -> None:
    repository = tmp_path / "tabular"
    (repository / "slow" / "1").mkdir(parents=True)
    (repository / "slow" / "model.yaml").write_text(YAML)
    question = Question("/inference.GRPCInferenceService/ModelInfer", misbehaving.infer("slow", 3.0), "slow", check)
    with run_replicas(tmp_path, repository, "--drain-s", "0") as (_, gateway):
        with in_flight(gateway.address, IN_FLIGHT, question=question) as load:
            load.more(CALLS)
        (attempts,) = gateway.stats("^cluster.domain/tabular.upstream_rq_total$").values()
    # V2 says UNAVAILABLE where a queue is full, as Triton does: the status alone must not cause a retry.
    assert load.codes.keys() == {"OK", "UNAVAILABLE"}, load.codes
    assert load.codes["UNAVAILABLE"] > load.codes["OK"], load.codes
    assert attempts == load.total
