# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What is known of the objects of one kind: a list, and the events of watches since."""

from collections.abc import Mapping
from typing import Any

#: One object as the API server says it. Never modified.
Object = Mapping[str, Any]
#: Objects by name.
Objects = Mapping[str, Object]


class Expired(Exception):
    """The API server no longer has what happened since: what there is has to be listed again."""


class Garbage(Exception):
    """Something that no API server says; the text says what is wrong."""


class Known:
    """The objects as last heard of."""

    def __init__(self) -> None:
        self.objects: Objects = {}
        #: Point in the API server's history up to which events are known; None before the first list.
        self.version: str | None = None

    def replace(self, listed: Any) -> None:
        """Takes a list of all objects. Raises Garbage, and then nothing has changed."""
        try:
            items = listed["items"] or ()
            found = {_name(item): item for item in items}
            version = listed["metadata"]["resourceVersion"]
        except (KeyError, TypeError) as error:
            raise Garbage(f"a list without {error}") from error
        if not isinstance(version, str) or not version:
            raise Garbage("a list without a version")
        self.objects, self.version = found, version

    def apply(self, event: Any) -> bool:
        """Takes one event of a watch; returns whether an object has changed.

        Raises:
            Expired: The watch cannot go on from where it is.
            Garbage: It is no event, and nothing has changed.
        """
        try:
            kind, about = event["type"], event["object"]
            if kind == "ERROR":
                raise Expired(f"{about.get('code')}: {about.get('message')}")
            version = about["metadata"]["resourceVersion"]
            name = "" if kind == "BOOKMARK" else _name(about)
        except (KeyError, TypeError, AttributeError) as error:
            raise Garbage(f"an event without {error}") from error
        if not isinstance(version, str) or not version:
            raise Garbage("an event without a version")
        match kind:
            case "ADDED" | "MODIFIED":
                self.objects = {**self.objects, name: about}
            case "DELETED":
                self.objects = {key: value for key, value in self.objects.items() if key != name}
            case "BOOKMARK":
                pass
            case _:
                raise Garbage(f"an event of the unknown type {kind!r}")
        self.version = version
        return bool(kind != "BOOKMARK")


def _name(about: Any) -> str:
    name = about["metadata"]["name"]
    if not isinstance(name, str):
        raise TypeError("a name")
    return name
