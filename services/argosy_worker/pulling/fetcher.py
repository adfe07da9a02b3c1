# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Copies one model from its source into the cache: fetch, verify, keep."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from argosy_worker.pulling import archive, stores
from argosy_worker.pulling.cache import Cache
from argosy_worker.pulling.claim import Claims
from argosy_worker.pulling.download import download
from argosy_worker.pulling.source import Location, Progress, PullFailed, Source, locate
from argosy_worker.pulling.stores import ObjectFolder
from argosy_worker.repository.digest import digest
from argosy_worker.repository.scan import CONFIG_FILE, is_version


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Copies models. Its methods block, and any thread may call them, one at a time for each model."""

    cache: Cache
    claims: Claims
    bucket: Callable[[Location], ObjectFolder] = stores.bucket
    web: Callable[[str], ObjectFolder] = stores.web

    def pull(self, name: str, source: Source, progress: Progress) -> None:
        """Makes the cache hold a model's files.

        Raises:
            PullFailed: they cannot be had, or are not what was asked for. What was downloaded is kept for the next
                attempt, unless it hashes to something else.
            OSError: a file cannot be read or written.
            Stopped: as :class:`Progress` says.
        """
        location = locate(source)
        staging = self.cache.staging(name, source)
        folder = staging / "model"
        shutil.rmtree(folder, ignore_errors=True)
        match location.scheme:
            case "pvc":
                folder.mkdir()
                self.claims.fetch(location, folder, progress)
                found = _digest(folder)
            case "https":
                found = self._unpacked(name, location, source, staging, progress)
            case _:
                found = self._listed(location, staging, progress)
        self._check(name, source, found)
        if not (folder / CONFIG_FILE).exists() and not any(is_version(path.name) for path in folder.iterdir()):
            self.cache.give_up(name)
            raise PullFailed(f"{source.uri}: holds no model: expected {CONFIG_FILE} and 1/model.onnx")
        self.cache.keep(name, source, folder, found)

    def _listed(self, location: Location, staging: Path, progress: Progress) -> str:
        files = self.bucket(location)
        wanted = files.files()
        if not wanted:
            raise PullFailed(f"{location.scheme}://{location.place}/{location.path}: there are no files")
        downloads = staging / "files"
        downloads.mkdir(exist_ok=True)
        download(files, wanted, downloads, progress)
        found = _digest(downloads)
        # What is verified below goes on as it is: an attempt after this one, if any, begins anew.
        downloads.rename(staging / "model")
        return found

    def _unpacked(self, name: str, location: Location, source: Source, staging: Path, progress: Progress) -> str:
        parent, _, file = location.path.rpartition("/")
        if not file:
            raise PullFailed(f"{source.uri}: names no file")
        place = self.web(f"https://{location.place}/{parent}")
        downloads = staging / "files"
        downloads.mkdir(exist_ok=True)
        download(place, [place.file(file)], downloads, progress)
        with (downloads / file).open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
        self._check(name, source, found)
        folder = staging / "model"
        folder.mkdir()
        archive.unpack(downloads / file, file, folder, progress)
        return found

    def _check(self, name: str, source: Source, found: str) -> None:
        if source.sha256 and found != source.sha256:
            self.cache.give_up(name)
            raise PullFailed(f"{source.uri}: its sha256 is {found or 'that of nothing'}, wanted {source.sha256}")


def _digest(folder: Path) -> str:
    try:
        return digest(folder)
    except UnicodeEncodeError as error:
        raise PullFailed(f"the name of a file is not in UTF-8: {error.object!a}") from error
