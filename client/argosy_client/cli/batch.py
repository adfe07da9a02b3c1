# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The same call for many files: several at a time, in order, one line for each that fails."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from argosy_client.cli.errors import report_call, report_input, unreachable
from argosy_client.cli.options import Connection
from argosy_client.cli.output import console
from argosy_client.errors import ArgosyError

T = TypeVar("T")

#: Calls in flight; enough for the fleet to batch them.
PARALLEL_CALLS = 8
#: Files from which a progress bar is shown on a terminal.
PROGRESS_FROM = 10


def each_file(
    files: Sequence[Path], connection: Connection, work: Callable[[Path], T]
) -> tuple[list[tuple[Path, T]], int]:
    """Calls ``work`` for every file.

    A file that fails is told on stderr and the others go on.

    Returns:
        The files that went well, in order, with their results, and the number of those that failed.

    Raises:
        ArgosyError: Nothing answers at the address, so that further files are in vain.
    """
    pool = ThreadPoolExecutor(max_workers=min(PARALLEL_CALLS, len(files)), thread_name_prefix="argosy")
    done: list[tuple[Path, T]] = []
    try:
        futures = [pool.submit(work, file) for file in files]
        for file, future in zip(files, _followed(futures), strict=True):
            try:
                done.append((file, future.result()))
            except ArgosyError as error:
                if unreachable(error):
                    raise
                report_call(error, connection.address, as_json=connection.json, subject=str(file))
            except (OSError, ValueError) as error:
                report_input(error, as_json=connection.json, subject=str(file))
    finally:
        # Not waiting: an interrupt ends at once, because closing the client cancels what is in flight.
        pool.shutdown(wait=False, cancel_futures=True)
    return done, len(files) - len(done)


def _followed(futures: Sequence[Future[T]]) -> Iterator[Future[T]]:
    screen = console(err=True)
    if len(futures) < PROGRESS_FROM or not screen.is_terminal:
        yield from futures
        return
    from rich.progress import track

    yield from track(futures, description="files", console=screen, transient=True)
