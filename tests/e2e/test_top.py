# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy top`` before a real fleet, one worker of which serves no metrics."""

import json
import threading
from collections.abc import Iterator

import pytest
from argosy_client import Argosy

from tests.contract.gateway.fleet import run_standin
from tests.e2e.shell import argosy_command
from tests.support.envoy import Gateway, run_gateway
from tests.support.fleet import copy_models
from tests.support.worker import run_worker


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway before an NLP worker that is called without a pause, and a vision worker without metrics."""
    folder = tmp_path_factory.mktemp("top")
    (folder / "gateway").mkdir()
    ended = threading.Event()
    with (
        run_worker("nlp", copy_models(folder, "nlp"), "--drain-s", "0", wait_for=["model/sentiment"]) as nlp,
        run_standin("vision", "V", {"digits": {}}) as vision,
        run_gateway([("nlp", nlp.address), ("vision", vision.address)], folder / "gateway") as running,
    ):
        caller = threading.Thread(target=_call, args=(running.address, ended))
        caller.start()
        try:
            yield running
        finally:
            ended.set()
            caller.join()


def _call(address: str, ended: threading.Event) -> None:
    with Argosy(address, timeout_s=30) as fleet:
        while not ended.is_set():
            fleet.nlp.classify(["a lovely film", "a dull one"])


def test_top_tells_what_each_model_does(gateway: Gateway) -> None:
    done = argosy_command("top", "--json", "--interval", "0.5", "--address", gateway.address)
    assert done.status == 0, done.err
    shown = json.loads(done.out)
    models = {one["model"]: one for one in shown["models"]}
    busy = models["sentiment"]
    assert (busy["domain"], busy["state"], busy["ready"], busy["replicas"]) == ("nlp", "READY", 1, 1)
    assert busy["per_second"] > 1
    assert busy["errors_per_second"] == 0
    assert 0 < busy["p50_ms"] <= busy["p99_ms"]
    assert busy["batch_items"] == 2
    assert 0 < busy["busy"] <= 1
    idle = models["digits"]
    assert (idle["ready"], idle["per_second"], idle["p50_ms"]) == (1, 0, None)


def test_a_worker_whose_metrics_cannot_be_read_is_shown_and_not_fatal(gateway: Gateway) -> None:
    done = argosy_command("top", "--once", "--interval", "0.1", "--address", gateway.address)
    assert done.status == 0, done.err
    lines = done.out.splitlines()
    assert any("vision" in line and "cannot be read: it serves no metrics" in line for line in lines), done.out
    assert any("sentiment" in line and "READY" in line for line in lines), done.out
    assert "digits" not in argosy_command("top", "--once", "--domain", "nlp", "--address", gateway.address).out
