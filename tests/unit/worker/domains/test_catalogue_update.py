# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A catalogue that changes while its model serves, on the demo model and its real engine."""

import shutil
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy.recommendation.v1 import recommendation_pb2 as pb
from argosy_worker.domains.recommendation.service import DOMAIN, recommend
from argosy_worker.lifecycle.call import ActiveCall
from argosy_worker.lifecycle.loader import Loader
from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.lifecycle.served import ServedModel
from argosy_worker.lifecycle.state import State, StateBoard
from argosy_worker.scheduling.work import Terms

from tests.support.fleet import MODELS

NAME = "two_tower"


class Serving:
    """A worker's models in this process."""

    def __init__(self, manager: ModelManager, executor: ThreadPoolExecutor, folder: Path) -> None:
        self.manager = manager
        self.file = folder / "items.npz"
        self._executor = executor

    async def best(self, *history: str, **fields: Any) -> list[str]:
        """What a call recommends now."""
        served = await self.manager.obtain(NAME, "", "Recommend", None)
        call = self.call(served)
        request = pb.RecommendRequest(history=[pb.Interaction(item_id=one) for one in history], **fields)
        return [item.item_id for item in (await recommend(request, call)).items]

    def call(self, served: ServedModel) -> ActiveCall:
        """A call that has found its model."""
        return ActiveCall(served, Terms(), self._executor)

    async def replace(self, arrays: dict[str, Any] | bytes) -> None:
        """Puts a new catalogue in the place of the old one, as one rename, and has it looked at."""
        new = self.file.with_name(".new.npz")
        if isinstance(arrays, bytes):
            new.write_bytes(arrays)
        else:
            np.savez(new, **arrays)
        new.replace(self.file)
        await self.manager.reconcile(NAME)

    @property
    def note(self) -> str:
        """What the model says of itself while it is READY."""
        (version,) = self.manager.board.snapshot.models[NAME].versions
        assert version.state is State.READY
        return version.reason


@pytest.fixture
async def serving(tmp_path: Path) -> AsyncIterator[Serving]:
    folder = tmp_path / NAME
    shutil.copytree(MODELS / "recommendation" / NAME, folder)
    with ThreadPoolExecutor(1) as executor:
        manager = ModelManager(tmp_path, Loader(DOMAIN, executor, 0.0005), StateBoard())
        await manager.load_all()
        yield Serving(manager, executor, folder)
        await manager.close()


def catalogue(path: Path) -> dict[str, Any]:
    with np.load(path) as arrays:
        return dict(arrays)


async def test_an_added_item_is_recommended_by_the_next_call(serving: Serving) -> None:
    before = await serving.manager.obtain(NAME, "", None, None)
    old = catalogue(serving.file)
    (first, *_) = await serving.best("camping-01", "camping-02")
    place = old["ids"].tolist().index(first)
    added = {name: np.append(array, array[place : place + 1], axis=0) for name, array in old.items()}
    added["ids"] = np.append(old["ids"], ["brand-new"])
    added["brand"] = np.append(old["brand"], ["Nobody"])

    await serving.replace(added)

    assert set((await serving.best("camping-01", "camping-02"))[:2]) == {first, "brand-new"}
    nobody = [pb.AttributeFilter(attribute="brand", values=["Nobody"])]
    assert await serving.best("camping-01", filters=nobody) == ["brand-new"]
    assert first in await serving.best("brand-new"), "it counts as history too"
    assert await serving.manager.obtain(NAME, "", None, None) is before, "the graph was not loaded again"
    assert serving.note == ""


async def test_a_broken_catalogue_is_refused_and_the_old_one_keeps_serving(serving: Serving) -> None:
    expected = await serving.best("camping-01")
    old = catalogue(serving.file)
    for broken, why in (
        (b"not an archive", "no .npz file of plain arrays"),
        (serving.file.read_bytes()[:5000], "no .npz file of plain arrays"),
        ({**old, "vectors": old["vectors"][:-1]}, "must hold vectors"),
        ({**old, "vectors": np.nan * old["vectors"]}, "not finite"),
        ({**old, "vectors": old["vectors"][:, :-1]}, "recommendation.index"),
        ({**old, "vectors": -old["vectors"]}, "golden sample"),
        ({name: array[:9] for name, array in old.items()}, "golden sample"),
    ):
        await serving.replace(broken)
        assert await serving.best("camping-01") == expected
        assert why in serving.note
    await serving.replace(old)
    assert serving.note == ""
    assert await serving.best("camping-01") == expected


async def test_a_call_in_progress_keeps_the_catalogue_with_which_it_began(serving: Serving) -> None:
    old = catalogue(serving.file)
    served = await serving.manager.obtain(NAME, "", None, None)
    early = serving.call(served)
    await serving.replace({**old, "brand": np.full(len(old["brand"]), "Merged")})
    merged = [pb.AttributeFilter(attribute="brand", values=["Merged"])]
    request = pb.RecommendRequest(history=[pb.Interaction(item_id="camping-01")], filters=merged)
    assert not (await recommend(request, early)).items
    assert len((await recommend(request, serving.call(served))).items) == 10
