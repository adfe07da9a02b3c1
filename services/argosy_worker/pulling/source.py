# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Where a model's files are, as control planes say it; and what may go wrong with copying them."""

import re
import threading
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

#: Schemes of folders in object stores.
BUCKETS = ("s3", "gs", "az")
SCHEMES = ("pvc", *BUCKETS, "https")
_URI = re.compile(r"(?P<scheme>[a-z0-9]+)://(?P<place>[A-Za-z0-9][^/\s?#@]*)(?P<path>/[^\s?#]*)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class PullFailed(Exception):
    """A model's files cannot be had, or are not what was asked for; the text is for people."""


class Stopped(Exception):
    """The files are no longer wanted."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model's files are.

    Args:
        uri: One of :data:`SCHEMES`.
        sha256: What the files must hash to, in hexadecimal; empty checks nothing.
        settings: Parts of model.yaml that take the place of its own, as nested mappings.
        revision: Changes whenever any of the rest does.
    """

    uri: str
    sha256: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A source's URI in its parts: claim, bucket or host, and the path below it without a leading slash."""

    scheme: str
    place: str
    path: str


@dataclass(slots=True)
class Progress:
    """How far copying is, in bytes; told by the thread that copies, read by others. ``stop`` asks it to give up."""

    done_bytes: int = 0
    total_bytes: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def advance(self, count: int) -> None:
        """Counts bytes that were copied. Raises Stopped where the files are no longer wanted."""
        self.done_bytes += count
        if self.stop.is_set():
            raise Stopped


def locate(source: Source) -> Location:
    """Takes a source's URI apart.

    Raises:
        PullFailed: it is none that a worker copies from.
    """
    found = _URI.fullmatch(source.uri)
    if found is None or found["scheme"] not in SCHEMES:
        raise PullFailed(f"source {source.uri!r}: must begin with {', '.join(f'{scheme}://' for scheme in SCHEMES)}")
    path = (found["path"] or "").strip("/")
    if any(part in (".", "..") for part in path.split("/")):
        raise PullFailed(f"source {source.uri!r}: has '.' or '..' as a part of its path")
    if source.sha256 and not _SHA256.fullmatch(source.sha256):
        raise PullFailed("source: sha256 must be 64 hexadecimal digits in lower case")
    if found["scheme"] == "https" and not source.sha256:
        raise PullFailed(f"source {source.uri!r}: needs its sha256")
    return Location(found["scheme"], found["place"], path)


def is_safe(relative: str) -> bool:
    """Whether a file's path below a model's folder stays there."""
    parts = relative.split("/")
    return not PurePosixPath(relative).is_absolute() and "\\" not in relative and not {"", ".", ".."} & set(parts)


def is_hidden(relative: str) -> bool:
    """Whether a file is left out, as it or a folder on its way is hidden."""
    return any(part.startswith(".") for part in relative.split("/"))
