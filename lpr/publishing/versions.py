"""Version numbers of published models, and the rules by which a bundle gets one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from lpr.base.errors import LprError

Content = Mapping[str, str]
"""What makes two bundles the same: the SHA-256 of each model file, by name."""


class Version(NamedTuple):
    """`v1.2`; versions compare by their numbers."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}"

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """Return the version that `text` is the name of, or None."""
        match = re.fullmatch(r"v(0|[1-9]\d*)\.(0|[1-9]\d*)", text)
        return cls(int(match[1]), int(match[2])) if match else None

    @classmethod
    def of(cls, name: str) -> Version:
        """Return the version of a valid name, as records hold it."""
        major, minor = name.removeprefix("v").split(".")
        return cls(int(major), int(minor))

    def next(self) -> Version:
        """Return the next minor version."""
        return Version(self.major, self.minor + 1)


FIRST = Version(1, 0)


@dataclass(frozen=True)
class Published:
    """A version that a target holds.

    Attributes:
        version: its name.
        content: of the version; empty where it is not whole, so that it equals no bundle.
        where: its path or address.
        number: that the target itself gave it, if it gives any.
    """

    version: Version
    content: Content
    where: str
    number: int | None


class Decision(NamedTuple):
    """The version of a bundle, and whether it still has to be published."""

    version: Version
    fresh: bool


def decide(content: Content, published: Mapping[Version, Content], wanted: str) -> Decision:
    """Return which version a bundle is.

    Content that is published already keeps its version, whatever is wanted. Otherwise `auto` is the next minor version
    after the latest, from v1.0 on.

    Args:
        content: of the bundle.
        published: content of each version that there is.
        wanted: `auto`, or a version such as `v2.0`.

    Raises:
        LprError: the wanted version is no version, holds other content, or is not above the latest one.
    """
    same = [version for version, other in published.items() if dict(other) == dict(content)]
    explicit = None if wanted == "auto" else Version.parse(wanted)
    if wanted != "auto" and explicit is None:
        raise LprError(f"publish.version is {wanted!r}: auto, or a version such as v1.2")
    if explicit in published and explicit not in same:
        raise LprError(
            f"publish.version is {wanted}, which is published with other models; choose auto or a higher one"
        )
    if same:
        return Decision(explicit if explicit in same else max(same), fresh=False)
    latest = max(published, default=None)
    if explicit is None:
        return Decision(FIRST if latest is None else latest.next(), fresh=True)
    if latest is not None and explicit < latest:
        raise LprError(f"publish.version is {wanted}, below the latest, {latest}; choose auto or a higher one")
    return Decision(explicit, fresh=True)
