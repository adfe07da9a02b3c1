# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Images by themselves, without root, capabilities and a root file system that can be written."""

import pytest

from tests.cluster.kube import Kube, KubectlError, image, locked_pod, until
from tests.cluster.test_fleet import assert_demo


@pytest.mark.timeout(400)
def test_the_whole_fleet_runs_in_one_container(callers: Kube) -> None:
    callers.run("delete", "pod", "all-in-one", "--ignore-not-found", "--now")
    pod = locked_pod("all-in-one", image("all-in-one"), [])
    del pod["spec"]["containers"][0]["command"]  # what the image does by itself
    callers.apply(pod)
    demo = ("exec", "all-in-one", "--", "argosy", "demo", "--json")
    printed: list[str] = []

    def answers() -> bool:
        try:
            printed.append(callers.run(*demo, seconds=60))
        except KubectlError as error:
            phase = callers.get("pod", "all-in-one")["status"]["phase"]
            assert phase != "Failed", callers.run("logs", "all-in-one")
            raise error
        return True

    until(answers, "the fleet to answer")
    callers.run("delete", "pod", "all-in-one", "--now")
    assert_demo(printed[-1])
