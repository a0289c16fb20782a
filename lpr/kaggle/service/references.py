"""Names of datasets, of their versions and of kernels, in every form that Kaggle's tools use."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lpr.base.dataset_name import without_page
from lpr.base.errors import LprError

_SLUG = r"[A-Za-z0-9][A-Za-z0-9_-]*"
_FORM = re.compile(rf"^({_SLUG})/({_SLUG})(?:/(?:versions/)?([1-9]\d{{0,8}}))?$")
_KERNEL = re.compile(rf"^(?:(?:https?://)?(?:www\.)?kaggle\.com/code/)?({_SLUG})/({_SLUG})/?(?:[?#].*)?$")
PLACEHOLDER = "OWNER"
"""As an owner: whoever is signed in. See `Client.reference` and `Client.kernel`."""
TITLE_LENGTHS = (6, 50)
"""Characters that Kaggle allows in titles, and in slugs too."""


@dataclass(frozen=True)
class Reference:
    """A dataset, and one version of it when `version` is not None."""

    owner: str
    slug: str
    version: int | None = None

    @property
    def dataset(self) -> str:
        """`owner/slug`, without the version."""
        return f"{self.owner}/{self.slug}"

    @property
    def url(self) -> str:
        """The page that people open."""
        page = f"https://www.kaggle.com/datasets/{self.dataset}"
        return page if self.version is None else f"{page}/versions/{self.version}"

    def at(self, version: int | None) -> Reference:
        """The same dataset at another version."""
        return Reference(self.owner, self.slug, version)

    def __str__(self) -> str:
        return self.dataset if self.version is None else f"{self.dataset}/{self.version}"


def title_of(slug: str) -> str:
    """Return a slug's words as a title that Kaggle takes."""
    shortest, longest = TITLE_LENGTHS
    title = slug.replace("-", " ").replace("_", " ").strip().capitalize()[:longest].strip()
    return title if len(title) >= shortest else f"{title} license plate models".strip()


def parse_reference(text: str) -> Reference:
    """Read `owner/slug`, `owner/slug/N` (the client's form), `owner/slug/versions/N` (kagglehub's), or a page's URL.

    The owner may still be `PLACEHOLDER`; `Client.reference` puts the account in its place.

    Raises:
        LprError: the text has none of these forms.
    """
    match = _FORM.match(without_page(text))
    if match is None:
        raise LprError(f"{text!r} names no Kaggle dataset: write owner/slug or, to pin a version, owner/slug/N")
    owner, slug, version = match.groups()
    return Reference(owner, slug, None if version is None else int(version))


def parse_kernel(text: str) -> tuple[str, str]:
    """Read owner and slug of a notebook or a session, written `owner/slug` or as its page's URL.

    Raises:
        LprError: the text has neither form.
    """
    match = _KERNEL.match(text.strip())
    if match is None:
        raise LprError(f"{text!r} names no session or notebook on Kaggle: write owner/slug, or the address of its page")
    return match[1], match[2]
