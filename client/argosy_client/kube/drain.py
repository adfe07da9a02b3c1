# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Takes a worker out of rotation: evicts its pod and sees what becomes of it.

A worker that is asked to stop tells control planes first, goes on serving until nobody sends it calls, and ends once it
has finished what it has. So its end, in time and with exit code 0, says that nothing was in flight.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from argosy_client.kube.errors import DisruptionRefused, KubeError, PodNotFound, explain
from argosy_client.kube.kubectl import Cluster, Running
from argosy_client.kube.pods import Pod, asked_to_stop, ended, pods
from argosy_client.kube.settings import KUBECTL_TIMEOUT_S

#: Pause before a disruption budget is asked again, in seconds.
ASK_AGAIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Drained:
    """A worker that has ended.

    Args:
        seconds: From the request to stop until its end, in whole seconds; None where Kubernetes did not tell.
        exit_code: Its exit code; None likewise.
        clean: Whether it ended by itself and in time, so that nothing was in flight.
    """

    worker: str
    seconds: int | None
    exit_code: int | None
    clean: bool


def worker(cluster: Cluster, name: str, *, even_last: bool) -> Pod:
    """The pod of a worker that may be drained.

    Raises:
        KubeError: there is no such worker, or it leaves already, or no other of its kind could take its calls and
            ``even_last`` is not set.
    """
    workers = [each for each in pods(cluster) if each.component == "worker"]
    found = next((each for each in workers if each.name == name.removeprefix("pod/")), None)
    if found is None:
        raise KubeError(f"there is no worker {name}: there are {', '.join(each.name for each in workers) or 'none'}")
    if found.leaving:
        raise KubeError(f"{found.name} is stopping already")
    others = [each for each in workers if each.group == found.group and each.ready and each is not found]
    if not others and found.ready and not even_last:
        raise KubeError(
            f"{found.name} is the only ready pod of {found.group}, so calls would fail until another is. First: "
            f"kubectl --namespace {cluster.namespace} scale deployment/{found.group} --replicas=2; or say --even-last"
        )
    return found


def drain(cluster: Cluster, chosen: Pod, timeout_s: float, tell: Callable[[str], None]) -> Drained:
    """Evicts a worker's pod and waits for its end.

    Args:
        cluster: Where it is.
        chosen: The pod.
        timeout_s: Time for a disruption budget to allow it, and again for its end, in seconds.
        tell: Is told what happens.

    Raises:
        DisruptionRefused: no disruption budget allowed it in time.
        KubeError: the cluster refused, or the worker has not ended in time.
    """
    pods_path = f"/api/v1/namespaces/{cluster.namespace}/pods"
    query = f"watch=true&fieldSelector=metadata.name%3D{chosen.name}&timeoutSeconds={int(2 * timeout_s) + 1}"
    watch = cluster.start("get", f"--raw={pods_path}?{query}")
    silent, late = threading.Timer(KUBECTL_TIMEOUT_S, watch.kill), threading.Timer(timeout_s, watch.kill)
    silent.daemon = late.daemon = True
    try:
        changes = _changes(watch)
        silent.start()  # of a pod that is gone already nothing is told
        next(changes)  # what it is now: no change after this is missed
        silent.cancel()
        _evict(cluster, chosen, f"{pods_path}/{chosen.name}/eviction", timeout_s, tell)
        tell(f"{chosen.name} is evicted: it takes no new calls and finishes those that it has")
        late.start()
        asked: datetime | None = None
        for change in changes:
            manifest = change["object"]
            if manifest["metadata"].get("uid") != chosen.uid:  # an error of the watch has none
                continue
            asked = asked or asked_to_stop(manifest)  # the last change of all has a time of its own
            if change["type"] == "DELETED":
                return _outcome(chosen, asked, ended(manifest))
        over = late.finished.is_set()
    finally:
        silent.cancel()
        late.cancel()
        watch.end()
    if over:
        raise KubeError(f"{chosen.name} is still stopping after {timeout_s:g} s")
    raise KubeError(
        f"the watch of {chosen.name} was cut: kubectl get pod {chosen.name} tells whether it is still there"
    )


def _changes(watch: Running) -> Iterator[Mapping[str, Any]]:
    """Yields what happens to a pod, beginning with what it is. Raises KubeError where that is not told."""
    said: list[str] = []
    seen = False
    with watch.output as lines:
        for line in lines:
            if not line.startswith("{"):
                said.append(line)
            elif line.endswith("\n"):  # else kubectl was killed in the middle of it
                seen = True
                yield json.loads(line)
    if not seen:
        raise explain("".join(said))


def _evict(cluster: Cluster, chosen: Pod, path: str, timeout_s: float, tell: Callable[[str], None]) -> None:
    """Has a pod evicted, as soon as disruption budgets allow it."""
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": chosen.name, "namespace": cluster.namespace},
        "deleteOptions": {"preconditions": {"uid": chosen.uid}},
    }
    give_up, told = time.monotonic() + timeout_s, False
    while True:
        try:
            cluster.run("create", f"--raw={path}", "--filename=-", text=json.dumps(eviction))
            return
        except PodNotFound:
            return  # somebody else was faster
        except DisruptionRefused as error:
            if time.monotonic() + ASK_AGAIN_S > give_up:
                raise
            if not told:
                tell(f"{error}; asking again for {timeout_s:g} s")
            told = True
        time.sleep(ASK_AGAIN_S)


def _outcome(chosen: Pod, asked: datetime | None, told: tuple[int, datetime] | None) -> Drained:
    if asked is None or told is None:
        return Drained(chosen.name, None, None, clean=False)
    code, at = told
    seconds = max(int((at - asked).total_seconds()), 0)
    # Both times have lost what is below a second.
    return Drained(chosen.name, seconds, code, clean=code == 0 and seconds < chosen.drain_limit_s - 1)
