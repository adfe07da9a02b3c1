# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How the calls of one model are shared out between its versions: the section ``traffic``, and what it comes to.

```yaml
models:
  digits:
    labels: {stable: 1, canary: 2}
    traffic:
      split: {stable: 90, canary: 10}   # percent of the calls that name no version
      mirror: {canary: 5}               # percent of the calls that are sent there too, as copies
```
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

#: Percentages are counted in hundredths.
WHOLE = 100_00
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


def _as_text(value: Any) -> Any:
    """Takes a version that YAML has read as a number for what it says."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _in_hundredths(value: float) -> float:
    if abs(value * 100 - round(value * 100)) > 1e-6:
        raise ValueError("must be a percentage with at most two decimals")
    return value


def _sums_to_100(shares: dict[str, float]) -> dict[str, float]:
    if shares and (total := sum(map(_hundredths, shares.values()))) != WHOLE:
        raise ValueError(f"the percentages must sum to 100, not {total / 100:g}")
    return shares


def _hundredths(percent: float) -> int:
    return round(percent * 100)


#: A label, or the number of a version.
Version = Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^([A-Za-z][A-Za-z0-9._-]{0,62}|[1-9][0-9]{0,17})$")]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False), AfterValidator(_in_hundredths)]


class TrafficSection(BaseModel):
    """Shares of the calls of one model."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    split: Annotated[dict[Version, Percent], AfterValidator(_sums_to_100)] = Field(
        default={},
        description="Percent of the calls that name no version, by label or version; 100 together. Empty leaves the "
        "choice to the worker: its newest version.",
    )
    mirror: dict[Version, Percent] = Field(
        default={},
        description="Percent of the calls of which a copy is sent to a version, by label or version. Nobody waits for "
        "a copy or hears of its answer.",
    )

    def unknown_label(self, labels: Mapping[str, int]) -> str | None:
        """Returns a label that it names and that is none of ``labels``, if there is one."""
        named = (*self.split, *self.mirror)
        return next((name for name in named if name not in labels and not _NUMBER.fullmatch(name)), None)

    def resolved(self, labels: Mapping[str, int]) -> "Traffic":
        """Puts version numbers in the place of labels, all of which are known."""
        return Traffic(_by_number(self.split, labels), _by_number(self.mirror, labels))


@dataclass(frozen=True, slots=True)
class Share:
    """A version's share in a model's calls, in hundredths of a percent."""

    version: int
    hundredths: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """Shares of a model's versions, highest version first; those without calls left out."""

    split: tuple[Share, ...] = ()
    mirror: tuple[Share, ...] = ()


def _by_number(shares: Mapping[str, float], labels: Mapping[str, int]) -> tuple[Share, ...]:
    """Adds up what labels and numbers of one version get."""
    found: dict[int, int] = {}
    for name, percent in shares.items():
        version = labels[name] if name in labels else int(name)
        found[version] = min(found.get(version, 0) + _hundredths(percent), WHOLE)
    return tuple(Share(version, count) for version, count in sorted(found.items(), reverse=True) if count)
