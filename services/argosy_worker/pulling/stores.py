# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Object stores and web servers, through the library obstore, which this module alone imports.

Credentials come from the environment, as the stores' own tools take them: AWS_*, GOOGLE_*, AZURE_*.
"""

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argosy_worker.pulling.download import Changed, Remote
from argosy_worker.pulling.source import Location, PullFailed, is_hidden

if TYPE_CHECKING:
    from obstore.store import ObjectStore

#: Longest time that one request may take, and that a connection may take to be made.
_CLIENT = {"timeout": "30s", "connect_timeout": "5s"}
#: How often one request is tried again, and for how long.
_RETRIES: Any = {"max_retries": 4}


class ObjectFolder:
    """Files in an object store or at a web server.

    Args:
        store: The store, its prefix being the model's folder.
    """

    def __init__(self, store: "ObjectStore") -> None:
        import obstore

        self._library = obstore
        self._store = store

    def files(self) -> list[Remote]:
        """Lists the files of the folder, hidden ones left out. Raises PullFailed."""
        found = [about for page in self._ask(lambda: list(self._library.list(self._store))) for about in page]
        return [
            _remote(about)
            for about in sorted(found, key=lambda about: str(about["path"]))
            if not about["path"].endswith("/") and not is_hidden(about["path"])
        ]

    def file(self, path: str) -> Remote:
        """Looks at one file. Raises PullFailed."""
        return _remote(self._ask(lambda: self._library.head(self._store, path)))

    def read(self, file: Remote, start: int, end: int) -> bytes:
        """Reads a part of a file; see :class:`argosy_worker.pulling.download.Reader`."""
        options: Any = {} if (start, end) == (0, file.size) else {"range": (start, end)}
        if file.mark.startswith('"'):  # an entity tag that is not weak
            options["if_match"] = file.mark
        part: bytes = self._ask(lambda: bytes(self._library.get(self._store, file.path, options=options).bytes()))
        return part

    def upload(self, folder: Path) -> None:
        """Uploads the files of a folder, hidden ones left out.

        Raises:
            PullFailed: the store does not take them.
            OSError: a file cannot be read.
        """
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            relative = path.relative_to(folder).as_posix()
            if not is_hidden(relative):
                self._ask(partial(self._library.put, self._store, relative, path))

    def _ask(self, request: Any) -> Any:
        errors = self._library.exceptions
        try:
            return request()
        except errors.PreconditionError as error:
            raise Changed from error
        except (errors.NotFoundError, FileNotFoundError) as error:
            raise PullFailed("not found at its source") from error
        except (errors.PermissionDeniedError, errors.UnauthenticatedError) as error:
            raise PullFailed(f"refused by its source: {_first_line(error)}") from error
        except (errors.BaseError, ValueError) as error:
            raise PullFailed(_first_line(error)) from error


def bucket(location: Location) -> ObjectFolder:
    """Opens a folder of an object store.

    Raises:
        PullFailed: the library is missing, or the store cannot be configured.
    """
    store = _stores()
    kind = {"s3": store.S3Store, "gs": store.GCSStore, "az": store.AzureStore}[location.scheme]
    # The library reads this variable only where it is given no options at all.
    allow_http = location.scheme == "s3" and os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true")
    options: Any = {**_CLIENT, "allow_http": allow_http}
    try:
        opened = kind(location.place, prefix=location.path or None, client_options=options, retry_config=_RETRIES)
    except Exception as error:  # the library's own classes, of which some are no subclass of its base
        raise PullFailed(f"cannot be opened: {_first_line(error)}") from error
    return ObjectFolder(opened)


def web(base: str) -> ObjectFolder:
    """Opens a folder of a web server, such as "https://host/folder". Raises PullFailed."""
    store = _stores()
    return ObjectFolder(store.HTTPStore.from_url(base, client_options=_CLIENT, retry_config=_RETRIES))


def _stores() -> Any:
    try:
        from obstore import store
    except ModuleNotFoundError as error:
        raise PullFailed("object stores and https need the library obstore: install 'argosy[stores]'") from error
    return store


def _remote(about: Any) -> Remote:
    mark = about["e_tag"] or (about["last_modified"].isoformat() if about["last_modified"] else "")
    return Remote(about["path"], about["size"], mark)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:500]
