# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""An Envoy that runs out of memory ends the calls that take most of it, and no others."""

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.load import in_flight
from tests.e2e.requests import IMAGES, images
from tests.e2e.wire import Outcome, begin, finish, open_channel
from tests.support.envoy import Gateway, run_gateway
from tests.support.fleet import copy_models
from tests.support.worker import run_worker

UPLOADS = 20
UPLOAD = images(bytes(32 << 20)).SerializeToString()
#: Without a limit the uploads make it take 600 MB or more.
MEMORY_MB = 200
#: Resets to see: one round of uploads causes about 15.
RESETS = 20
RESET = "envoy.overload_actions.reset_high_memory_stream.count"


def upload(address: str) -> list[Outcome]:
    """Sends large images, all at the same time, each over a connection of its own; the worker refuses what arrives."""
    with contextlib.ExitStack() as stack:
        channels = [stack.enter_context(open_channel(address)) for _ in range(UPLOADS)]
        calls = [begin(channel, IMAGES, UPLOAD, metadata=(("x-model", "digits"),)) for channel in channels]
        return [finish(call) for call in calls]


@contextlib.contextmanager
def peak_memory(gateway: Gateway) -> Iterator[list[int]]:
    """Watches how much memory Envoy takes; the list's only item is the most so far, in MB."""
    peak, stop = [0], threading.Event()
    status = Path(f"/proc/{gateway.processes[gateway.envoy].pid}/status")

    def watch() -> None:
        while not stop.wait(0.01):
            (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
            peak[0] = max(peak[0], int(line.split()[1]) // 1000)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield peak
    finally:
        stop.set()
        watching.join()


def test_large_uploads_are_reset_where_memory_is_short_and_no_small_call_fails(tmp_path: Path) -> None:
    (tmp_path / "gateway").mkdir()
    options = ("--memory-mb", str(MEMORY_MB))
    uploads: Counter[str] = Counter()
    with (
        run_worker("vision", copy_models(tmp_path, "vision"), "--drain-s", "0") as worker,
        run_gateway([("vision", worker.address)], tmp_path / "gateway", envoy_options=options) as gateway,
        peak_memory(gateway) as peak,
        in_flight(gateway.address, 8, deadline_s=30) as load,
    ):
        load.more(200)
        while gateway.stats(f"^{RESET}$")[RESET] < RESETS:
            uploads.update(outcome.code.name for outcome in upload(gateway.address))
            load.more(100)
            assert sum(uploads.values()) < 10 * RESETS, "uploads pass, whatever they take"
    assert not load.failures, load.codes
    assert uploads["INTERNAL"] >= RESETS
    assert uploads.keys() <= {"INTERNAL", "INVALID_ARGUMENT"}, uploads
    # What is reset has still been read in part, and memory is looked at now and then.
    assert peak[0] < 2 * MEMORY_MB, peak
