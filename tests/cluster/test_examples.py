# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The examples run as pods and call the fleet's workers without a proxy, as docs/service-to-service.md says."""

import copy
import re
import subprocess
from collections.abc import Iterator

import pytest
import yaml

from tests.cluster.fleet import Fleet
from tests.cluster.kube import Kube, Manifest, image, until
from tests.contract.docs_pages import ROOT, blocks, matches

EXAMPLES = ROOT / "examples" / "kubernetes"
NAMESPACE = "argosy-examples"
JOBS = ("call-go", "call-python")
PAGE = ROOT / "docs" / "service-to-service.md"
VISION = "app.kubernetes.io/name=worker-vision"
#: Seconds that calls go on at most while a worker goes: its pod stops serving after three, and another has to start.
LOAD_S = 180
_TALLY = re.compile(r"^(so far|in all): (\d+) calls, (\d+) failed, answered by (.*)$", re.M)

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("fleet")]


@pytest.fixture(scope="module")
def examples() -> Iterator[Kube]:
    """Their namespace, which what is applied brings; what an earlier run left there is gone: Jobs cannot be changed."""
    Kube().run("delete", "namespace", NAMESPACE, "--ignore-not-found", "--timeout=90s")
    yield Kube(NAMESPACE)
    # Programs that call keep at it for as long as a pod may take to end: nobody waits for them.
    Kube().run("delete", "namespace", NAMESPACE, "--wait=false")


@pytest.fixture(scope="module")
def manifests() -> dict[str, Manifest]:
    """What the examples' kustomization makes, by kind and name, with the images of this run."""
    text = Kube().run("kustomize", str(EXAMPLES))
    found = {f"{each['kind']}/{each['metadata']['name']}": each for each in yaml.safe_load_all(text)}
    for job in JOBS:
        container = found[f"Job/{job}"]["spec"]["template"]["spec"]["containers"][0]
        container["image"] = image(container["image"].rpartition("/")[2].partition(":")[0])
    return found


def test_the_commands_of_the_page_run_both_examples_and_print_what_it_shows(
    examples: Kube, manifests: dict[str, Manifest]
) -> None:
    """Where images have other names than the page says, what it applies is applied with theirs."""
    (block,) = (each for each in blocks(PAGE) if each.mark == "cluster")
    for command, shown in block.commands():
        if command.startswith("kubectl apply "):
            assert str(EXAMPLES.relative_to(ROOT)) in command
            examples.run("apply", "--filename=-", text=yaml.safe_dump_all(manifests.values()))
            continue
        typed = ["bash", "-c", command]
        done = subprocess.run(typed, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)
        assert done.returncode == 0, f"{command}: {done.stderr}\n{examples.run('get', 'pods')}{logs(examples)}"
        assert matches(shown, done.stdout), f"{command} prints\n{done.stdout}\nwhere the page shows\n{shown}"


def logs(examples: Kube) -> str:
    """What the programs printed so far."""
    return "".join(examples.run("logs", f"job/{job}", "--ignore-errors") for job in JOBS)


@pytest.mark.parametrize("job", JOBS)
def test_no_call_fails_while_a_worker_that_answers_it_is_deleted(
    fleet: Fleet, examples: Kube, manifests: dict[str, Manifest], job: str
) -> None:
    fleet.scale("worker-vision", 2)
    try:
        first, second = (pod["metadata"]["name"] for pod in fleet.kube.pods(VISION))
        examples.run("apply", "--filename=-", text=yaml.safe_dump_all(manifests[key] for key in prepared(manifests)))
        examples.run("delete", f"job/{job}", "--ignore-not-found")
        examples.apply(lasting(manifests[f"Job/{job}"], LOAD_S))
        until(lambda: {first, second} <= tally(examples, job)[2], "answers of both workers")
        fleet.kube.run("delete", f"pod/{first}", "--wait=false")
        # The worker that comes for the deleted one is found while calls are in flight.
        until(lambda: len(workers(tally(examples, job)[2])) == 3, "an answer of the worker that came", LOAD_S)
        before = tally(examples, job)[0]
        until(lambda: tally(examples, job)[0] >= before + 500 or ended(examples, job), "further calls")
        calls, failed, replicas = tally(examples, job)
        assert failed == 0, examples.run("logs", f"job/{job}")
        assert calls > 1000
        assert len(workers(replicas)) == 3
    finally:
        examples.run("delete", f"job/{job}", "--ignore-not-found", "--now")
        fleet.scale("worker-vision", 1)


def workers(replicas: set[str]) -> set[str]:
    """Those of the domain."""
    return {name for name in replicas if name.startswith("worker-vision")}


def prepared(manifests: dict[str, Manifest]) -> list[str]:
    """What the Jobs need."""
    return [key for key in manifests if not key.startswith("Job/")]


def lasting(job: Manifest, seconds: int) -> Manifest:
    """A Job of an example that calls for so long."""
    changed = copy.deepcopy(job)
    changed["spec"]["template"]["spec"]["containers"][0]["args"] = [f"--seconds={seconds}"]
    return changed


def tally(examples: Kube, job: str) -> tuple[int, int, set[str]]:
    """Calls so far, how many of them failed, and the workers that answered."""
    found = _TALLY.findall(examples.run("logs", f"job/{job}"))
    if not found:
        return 0, 0, set()
    _, calls, failed, replicas = found[-1]
    return int(calls), int(failed), set(replicas.split())


def ended(examples: Kube, job: str) -> bool:
    """Whether a Job has come to its end, good or bad."""
    status = examples.get("job", job)["status"]
    return bool(status.get("succeeded") or status.get("failed"))
