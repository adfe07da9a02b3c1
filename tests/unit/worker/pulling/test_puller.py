# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Models that are copied, loaded, copied again and removed as control planes want."""

import asyncio
import hashlib
import os
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from argosy_worker.lifecycle.follower import Follower
from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.lifecycle.state import Pull, PullState, State
from argosy_worker.pulling.cache import Cache
from argosy_worker.pulling.claim import Claims
from argosy_worker.pulling.fetcher import Fetcher
from argosy_worker.pulling.puller import Puller
from argosy_worker.pulling.source import Progress, Source
from argosy_worker.repository.digest import digest

from tests.support.lifecycle import Script, add_scripted, answer, managed, reason, states, until


class SlowClaims(Claims):
    """Claims whose copies wait to be let through; says how many are copied at a time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        object.__setattr__(self, "gate", threading.Event())
        object.__setattr__(self, "running", [])
        object.__setattr__(self, "most", [0])

    def fetch(self, location: Any, into: Path, progress: Progress) -> None:
        """Copies, once it may."""
        about: Any = self
        about.running.append(location.path)
        about.most[0] = max(about.most[0], len(about.running))
        progress.total_bytes = 1000
        while not about.gate.wait(0.01):
            progress.advance(0)
        super().fetch(location, into, progress)
        about.running.remove(location.path)


@asynccontextmanager
async def pulling(
    folder: Path, *, script: Script | None = None, claims: Claims | None = None, retry_s: float = 0.05, pulls: int = 2
) -> AsyncIterator[tuple[ModelManager, Puller]]:
    """A worker's models and its puller; claims are in claims/, the repository is repository/."""
    (folder / "repository").mkdir(exist_ok=True)
    async with managed(folder / "repository", script or Script()) as manager:
        fetcher = Fetcher(Cache(folder / "repository"), claims or Claims(folder / "claims"))
        puller = Puller(manager, fetcher, pulls, retry_s)
        try:
            yield manager, puller
        finally:
            await puller.close()


def source(name: str = "m", **more: Any) -> Source:
    """A source in the claim demo."""
    return Source(f"pvc://demo/{name}", revision=more.pop("revision", "r1"), **more)


def shown(manager: ModelManager, name: str = "m") -> Pull | None:
    """How far a model is copied, as it shows."""
    model = manager.board.snapshot.models.get(name)
    return model.pull if model else None


def pulled(manager: ModelManager, name: str = "m", revision: str = "r1") -> Callable[[], bool]:
    """Whether a revision of a model is there."""

    def is_there() -> bool:
        pull = shown(manager, name)
        return pull is not None and (pull.state, pull.revision) == (PullState.DONE, revision)

    return is_there


def failed(manager: ModelManager, name: str = "m") -> Callable[[], bool]:
    """Whether a model could not be copied."""
    return lambda: (pull := shown(manager, name)) is not None and pull.state is PullState.FAILED


async def eventually(condition: Callable[[], bool]) -> None:
    """Waits until a condition holds that no change of state brings about."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_model_is_copied_loaded_and_reported(tmp_path: Path) -> None:
    folder = add_scripted(tmp_path / "claims/demo", "m", "description: ours\n")
    async with pulling(tmp_path, script=Script({"m/1": 10.0})) as (manager, puller):
        puller.want({"m": source(sha256=digest(folder))}, all_sources=True)
        await until(manager, pulled(manager))
        assert states(manager, "m") == {1: State.READY}
        assert await answer(manager, "m") == 10.0
        pull = shown(manager)
        assert pull is not None
        assert (pull.sha256, pull.uri) == (digest(folder), "pvc://demo/m")
        assert not (tmp_path / "repository/.pulling/m").exists()


async def test_a_model_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    add_scripted(tmp_path / "claims/demo", "m")
    claims = SlowClaims(tmp_path / "claims")
    async with pulling(tmp_path, claims=claims) as (manager, puller):
        puller.want({"m": source()}, all_sources=True)
        await until(manager, lambda: (pull := shown(manager)) is not None and pull.state is PullState.PULLING)
        assert states(manager, "m") == {0: State.LOADING}
        follower = Follower(manager, tmp_path / "repository", 1.0, 0.0)
        assert await follower._look()
        assert states(manager, "m") == {0: State.LOADING}, "the follower sees nothing yet"
        claims.gate.set()  # type: ignore[attr-defined]
        await until(manager, pulled(manager))
        await follower._look()
        assert states(manager, "m") == {1: State.READY}


async def test_files_that_hash_to_something_else_are_never_loaded(tmp_path: Path) -> None:
    add_scripted(tmp_path / "claims/demo", "m")
    async with pulling(tmp_path) as (manager, puller):
        puller.want({"m": source(sha256="0" * 64)}, all_sources=True)
        await until(manager, failed(manager))
        assert states(manager, "m") == {0: State.FAILED}
        assert f"wanted {'0' * 64}" in reason(manager, "m", 0)
        assert not (tmp_path / "repository/m").exists()


async def test_a_source_that_appears_later_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "claims/demo").mkdir(parents=True)
    async with pulling(tmp_path) as (manager, puller):
        puller.want({"m": source()}, all_sources=True)
        await until(manager, failed(manager))
        assert "has no 'm'" in reason(manager, "m", 0)
        add_scripted(tmp_path / "claims/demo", "m")
        await until(manager, pulled(manager))
        assert states(manager, "m") == {1: State.READY}


async def test_files_that_are_wrong_again_and_again_are_copied_less_and_less_often(tmp_path: Path) -> None:
    add_scripted(tmp_path / "claims/demo", "m")
    begun: list[float] = []

    class Counted(Claims):
        def fetch(self, location: Any, into: Path, progress: Progress) -> None:
            begun.append(time.monotonic())
            super().fetch(location, into, progress)

    async with pulling(tmp_path, claims=Counted(tmp_path / "claims"), retry_s=0.02) as (manager, puller):
        puller.want({"m": source(sha256="0" * 64)}, all_sources=True)
        await eventually(lambda: len(begun) >= 7)
        assert all(late - early > 0.02 * 2 ** min(n, 5) for n, (early, late) in enumerate(pairwise(begun)))
        before = len(begun)
        puller.want({"m": source(sha256="1" * 64, revision="r2")}, all_sources=True)
        await eventually(lambda: len(begun) >= before + 3)  # the first may be a copy of before, which is broken off
        assert begun[before + 2] - begun[before + 1] < 0.02 * 2**5, "something else is another matter"
        await until(manager, failed(manager))


async def test_a_new_revision_takes_over_without_a_gap_and_one_that_fails_leaves_the_old(tmp_path: Path) -> None:
    add_scripted(tmp_path / "claims/demo", "m")
    add_scripted(tmp_path / "claims/demo", "m2", version=2)
    async with pulling(tmp_path, script=Script({"m/1": 10.0, "m/2": 20.0})) as (manager, puller):
        puller.want({"m": source()}, all_sources=True)
        await until(manager, pulled(manager))
        puller.want({"m": source("m2", revision="r2")}, all_sources=True)
        answers = set()
        while not pulled(manager, revision="r2")():
            answers.add(await answer(manager, "m"))
            await asyncio.sleep(0)
        assert answers <= {10.0, 20.0}
        assert await answer(manager, "m") == 20.0
        puller.want({"m": source("nowhere", revision="r3")}, all_sources=True)
        await until(manager, failed(manager))
        assert await answer(manager, "m") == 20.0
        assert len(list((tmp_path / "repository/.pulled/m").iterdir())) == 1, "older files are gone"


async def test_other_settings_are_taken_up_without_copying_again(tmp_path: Path) -> None:
    folder = add_scripted(tmp_path / "claims/demo", "m")
    async with pulling(tmp_path) as (manager, puller):
        puller.want({"m": source()}, all_sources=True)
        await until(manager, pulled(manager))
        folder.rename(tmp_path / "gone")
        puller.want({"m": source(settings={"max_items": 7}, revision="r2")}, all_sources=True)
        await until(manager, pulled(manager, revision="r2"))
        assert manager.board.snapshot.models["m"].config.max_items == 7


async def test_a_model_that_is_no_longer_wanted_is_removed_and_others_stay(tmp_path: Path) -> None:
    add_scripted(tmp_path / "claims/demo", "m")
    add_scripted(tmp_path / "repository", "own")
    async with pulling(tmp_path) as (manager, puller):
        puller.want({"m": source()}, all_sources=True)
        await until(manager, pulled(manager))
        puller.want({}, all_sources=False)
        await asyncio.sleep(0.05)
        assert states(manager, "m") == {1: State.READY}, "who does not say all sources removes nothing"
        puller.want({}, all_sources=True)
        await until(manager, lambda: "m" not in manager.board.snapshot.models)
        assert states(manager, "own") == {1: State.READY}
        assert [path.name for path in (tmp_path / "repository").iterdir() if not path.name.startswith(".")] == ["own"]
        puller.want({"m": source()}, all_sources=True)
        await until(manager, pulled(manager))


async def test_a_model_of_the_repository_is_not_replaced(tmp_path: Path) -> None:
    add_scripted(tmp_path / "claims/demo", "m", version=2)
    add_scripted(tmp_path / "repository", "m")
    async with pulling(tmp_path) as (manager, puller):
        puller.want({"m": source()}, all_sources=True)
        await until(manager, failed(manager))
        pull = shown(manager)
        assert pull is not None
        assert "a model of its own by that name" in pull.reason
        assert states(manager, "m") == {1: State.READY}
        puller.want({}, all_sources=True)
        await until(manager, lambda: shown(manager) is None)
        assert (tmp_path / "repository/m/1/weights").exists()
        assert states(manager, "m") == {1: State.READY}, "it goes on as if nobody had wanted another"
        assert await answer(manager, "m") == 2.0


async def test_a_model_that_was_put_into_the_repository_meanwhile_is_loaded_once_no_other_is_wanted(
    tmp_path: Path,
) -> None:
    async with pulling(tmp_path) as (manager, puller):
        puller.want({"m": source()}, all_sources=True)
        await until(manager, failed(manager))
        add_scripted(tmp_path / "repository", "m")
        puller.want({}, all_sources=True)
        await until(manager, lambda: states(manager, "m") == {1: State.READY})
        assert shown(manager) is None


async def test_a_worker_that_starts_again_serves_what_it_had_copied_and_copies_nothing(tmp_path: Path) -> None:
    folder = add_scripted(tmp_path / "claims/demo", "m")
    async with pulling(tmp_path) as (manager, puller):
        puller.want({"m": source()}, all_sources=True)
        await until(manager, pulled(manager))
    folder.rename(tmp_path / "gone")
    async with pulling(tmp_path) as (manager, puller):
        assert states(manager, "m") == {1: State.READY}, "before anyone has spoken to it"
        puller.want({"m": source()}, all_sources=True)
        await until(manager, pulled(manager))
    async with pulling(tmp_path) as (manager, puller):
        puller.want({}, all_sources=True)
        await until(manager, lambda: "m" not in manager.board.snapshot.models)


async def test_few_models_are_copied_at_a_time(tmp_path: Path) -> None:
    names = [f"m{number}" for number in range(5)]
    for name in names:
        add_scripted(tmp_path / "claims/demo", name)
    claims: Any = SlowClaims(tmp_path / "claims")
    async with pulling(tmp_path, claims=claims, pulls=2) as (manager, puller):
        puller.want({name: source(name) for name in names}, all_sources=True)
        await eventually(lambda: len(claims.running) == 2)
        assert (
            sum((pull := shown(manager, name)) is not None and pull.state is PullState.WAITING for name in names) >= 3
        )
        claims.gate.set()
        await until(manager, lambda: all(pulled(manager, name)() for name in names))
        assert claims.most[0] == 2


async def test_copying_that_is_no_longer_wanted_stops(tmp_path: Path) -> None:
    add_scripted(tmp_path / "claims/demo", "m")
    claims: Any = SlowClaims(tmp_path / "claims")
    async with pulling(tmp_path, claims=claims, pulls=1) as (manager, puller):
        puller.want({"m": source(), "waits": source("waits")}, all_sources=True)
        await eventually(lambda: len(claims.running) == 1)  # either may come first
        puller.want({}, all_sources=True)
        await until(manager, lambda: not manager.board.snapshot.models)
        assert not claims.gate.is_set()


async def test_a_model_that_is_to_be_out_of_service_is_copied_and_not_loaded(tmp_path: Path) -> None:
    add_scripted(tmp_path / "claims/demo", "m")
    async with pulling(tmp_path, script=(script := Script())) as (manager, puller):
        manager.apply_desired(1, {}, {"m"})
        puller.want({"m": source()}, all_sources=True)
        await until(manager, pulled(manager))
        assert script.loads == []
        manager.apply_desired(1, {}, set())
        await until(manager, lambda: states(manager, "m") == {1: State.READY})


def test_the_hash_of_a_folder_is_what_a_shell_says(tmp_path: Path) -> None:
    for name, content in {"model.yaml": b"a", "1/model.onnx": b"b", ".hidden": b"c"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    lines = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in [("1/model.onnx", b"b"), ("model.yaml", b"a")]
    )
    assert digest(tmp_path) == hashlib.sha256(lines.encode()).hexdigest()


@pytest.mark.parametrize("content", [{}, {"readme.txt": "hello"}])
async def test_a_folder_without_a_model_is_refused(tmp_path: Path, content: dict[str, str]) -> None:
    folder = tmp_path / "claims/demo/m"
    folder.mkdir(parents=True)
    for name, text in content.items():
        (folder / name).write_text(text)
    async with pulling(tmp_path) as (manager, puller):
        puller.want({"m": source()}, all_sources=True)
        await until(manager, failed(manager))
        assert "holds no model" in reason(manager, "m", 0)


class BrokenClaims(Claims):
    """Claims with a defect, until they are mended."""

    def fetch(self, location: Any, into: Path, progress: Progress) -> None:
        """Copies, once that is possible."""
        if not (self.folder / "mended").exists():
            raise ZeroDivisionError("a defect")
        super().fetch(location, into, progress)


async def test_a_defect_is_shown_logged_and_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    add_scripted(tmp_path / "claims/demo", "m")
    async with pulling(tmp_path, claims=BrokenClaims(tmp_path / "claims")) as (manager, puller):
        puller.want({"m": source()}, all_sources=True)
        await until(manager, failed(manager))
        assert "a defect" in reason(manager, "m", 0)
        assert any(record.exc_info for record in caplog.records)
        (tmp_path / "claims/mended").write_text("")
        await until(manager, pulled(manager))
        assert states(manager, "m") == {1: State.READY}


async def test_a_file_whose_name_is_no_text_is_refused_and_copied_once_it_has_another(tmp_path: Path) -> None:
    folder = add_scripted(tmp_path / "claims/demo", "m")
    nameless = folder / "1" / os.fsdecode(b"\xff")
    nameless.write_text("")
    async with pulling(tmp_path) as (manager, puller):
        puller.want({"m": source()}, all_sources=True)
        await until(manager, failed(manager))
        assert "not in UTF-8" in reason(manager, "m", 0)
        nameless.rename(folder / "1/named")
        await until(manager, pulled(manager))


async def test_a_reason_that_names_such_a_file_can_be_told(tmp_path: Path) -> None:
    folder = add_scripted(tmp_path / "claims/demo", "m")
    (folder / os.fsdecode(b"\xff")).symlink_to("/etc")
    async with pulling(tmp_path) as (manager, puller):
        puller.want({"m": source()}, all_sources=True)
        await until(manager, failed(manager))
        assert "leads out of the claim" in reason(manager, "m", 0)
        assert reason(manager, "m", 0).encode()
