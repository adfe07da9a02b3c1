# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import asyncio
from pathlib import Path

import pytest
from argosy_gateway.discovery.static import StaticSource
from argosy_gateway.document import DocumentError

WORKERS = "workers: [{{domain: vision, address: '127.0.0.1:{port}'}}]\n"


def write(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)


async def test_an_edit_is_followed_and_a_bad_one_keeps_the_last_good(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "fleet.yaml"
    write(path, WORKERS.format(port=1))
    source = StaticSource(path, 0.005)
    changes = source.changes()
    waiting = asyncio.ensure_future(anext(changes))
    write(path, "workers: []\n")
    async with asyncio.timeout(5):
        while not caplog.records:
            await asyncio.sleep(0.005)
    assert caplog.records[0].reason.startswith(f"{path}:1: workers:")  # type: ignore[attr-defined]
    assert source.current().workers[0].address == "127.0.0.1:1"
    path.unlink()
    write(path, WORKERS.format(port=2) + "models: {m: {labels: {stable: 3}}, plain: {}}\n")
    desired = await asyncio.wait_for(waiting, 5)
    assert [worker.address for worker in desired.workers] == ["127.0.0.1:2"]
    assert desired.labels == {"m": {"stable": 3}}


def test_an_unusable_document_is_refused_at_start(tmp_path: Path) -> None:
    with pytest.raises(DocumentError):
        StaticSource(tmp_path / "none.yaml", 1)
