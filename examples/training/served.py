# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A model folder served in this process, so that quality is measured on what callers get.

Needs the worker: ``pip install -e '../..[worker,cpu,speech]'``.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from argosy_worker import domains
from argosy_worker.engines import onnx
from argosy_worker.lifecycle.call import ActiveCall
from argosy_worker.lifecycle.loader import Loader
from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.lifecycle.state import StateBoard
from argosy_worker.scheduling.work import Terms


@contextmanager
def served(folder: Path, domain: str) -> Iterator[Callable[[str, Any], Any]]:
    """A function that calls a method with a request message, and returns the response without the model's name."""
    loaded = domains.load(domain)
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(1) as executor, asyncio.Runner() as runner:
        shutil.copytree(folder, Path(temporary) / folder.name)
        loader = Loader(loaded, executor, 0.0005, None, lambda _: onnx.load)
        manager = ModelManager(Path(temporary), loader, StateBoard())
        runner.run(manager.load_all())

        async def answer(method: str, request: Any) -> Any:
            found = await manager.obtain(folder.name, "", method, None)
            return await loaded.methods[method](request, ActiveCall(found, Terms(), executor))

        try:
            yield lambda method, request: runner.run(answer(method, request))
        finally:
            runner.run(manager.close())
