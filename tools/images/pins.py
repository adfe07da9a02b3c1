# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The list ``images:`` of a kustomization with digests in it. The rest of the file stays as it is."""

import re
from collections.abc import Mapping

_LIST = re.compile(r"^images:[ \t]*\n((?:[ ]*-.*\n|[ ]+.*\n)*)", re.MULTILINE)
_ENTRY = re.compile(r"^[ ]*-.*\n(?:[ ]+[^- ].*\n)*", re.MULTILINE)
_NAME = re.compile(r"[-{,\s]name:\s*[\"']?([^\"',}\s]+)")


def pin(kustomization: str, images: Mapping[str, tuple[str, str]]) -> str:
    """Returns the file's text with each image at its new name and digest; other images of the list stay.

    Args:
        kustomization: Text of a ``kustomization.yaml``.
        images: Of each name in the manifests: where it was pushed, and its digest there ("sha256:...").
    """
    found = _LIST.search(kustomization)
    kept = _ENTRY.findall(found.group(1)) if found else []
    kept = [entry for entry in kept if (name := _NAME.search(entry)) and name.group(1) not in images]
    indent = " " * (len(kept[0]) - len(kept[0].lstrip(" ")) if kept else 2)
    pinned = [
        f"{indent}- name: {name}\n{indent}  newName: {place}\n{indent}  digest: {digest}\n"
        for name, (place, digest) in sorted(images.items())
    ]
    written = "".join(("images:\n", *kept, *pinned))
    if found:
        return kustomization[: found.start()] + written + kustomization[found.end() :]
    return f"{kustomization.rstrip()}\n{written}"
