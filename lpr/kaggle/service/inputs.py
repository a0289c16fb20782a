"""Where the data of a `kaggle` source lies: given, mounted, downloaded before, or to be downloaded."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from lpr.base.errors import LprError
from lpr.kaggle.service.archive import compare_files, summarise
from lpr.kaggle.service.download import cached, cached_licence, download, files_below, newest_cached
from lpr.kaggle.service.references import PLACEHOLDER, Reference, parse_reference
from lpr.kaggle.service.retry import RetryPolicy


@dataclass(frozen=True)
class LocatedDataset:
    """A data set on this machine.

    Attributes:
        path: its folder; to be read only.
        owner: of the dataset on Kaggle.
        slug: of the dataset on Kaggle.
        version: its number on Kaggle, or None if nothing tells.
        how: `KAGGLE_DATA_PATH`, `mounted input`, `cached download` or `Kaggle API`.
        licence: as Kaggle names it, or None if nothing tells.
    """

    path: Path
    owner: str
    slug: str
    version: int | None
    how: str
    licence: str | None = None


def find_dataset(reference: str) -> LocatedDataset:
    """Find a dataset's files, downloading them if need be; the first line printed says which way was taken.

    In order: the folder in `KAGGLE_DATA_PATH` (or `OWNER/SLUG` or `SLUG` in it); an input mounted below
    `KAGGLE_INPUT_ROOT` (by default `/kaggle/input`); a download in the cache (`LPR_CACHE`); Kaggle's API. Public data
    needs no credentials.

    Args:
        reference: `owner/slug`, or `owner/slug/N` (also `owner/slug/versions/N`) to pin a version, or the address of
            its page; the owner `OWNER` is the account that is signed in.

    Raises:
        LprError: the reference has no such form, `KAGGLE_DATA_PATH` is no folder, a mounted input is not the pinned
            version, or the download fails (KaggleError).
    """
    wanted = parse_reference(reference)
    if (given := _given(wanted)) is not None:
        return given
    if wanted.owner == PLACEHOLDER:
        from lpr.kaggle.service.client import Client

        wanted = Client().reference(reference)
    return _mounted(wanted) or _downloaded(wanted)


def _given(wanted: Reference) -> LocatedDataset | None:
    text = os.environ.get("KAGGLE_DATA_PATH")
    if not text:
        return None
    root = Path(text)
    if not root.is_dir():
        raise LprError(f"KAGGLE_DATA_PATH is {text!r}: no such folder; correct it, or unset it to look for {wanted}")
    folders = (root / wanted.owner / wanted.slug, root / wanted.slug, root)
    path = next(folder for folder in folders if folder.is_dir())
    _say(wanted, "KAGGLE_DATA_PATH", path)
    if wanted.version is not None:
        _warn(f"{wanted}: KAGGLE_DATA_PATH takes the place of the pinned version, which is not checked")
    return LocatedDataset(path, wanted.owner, wanted.slug, None, "KAGGLE_DATA_PATH")


def _mounted(wanted: Reference) -> LocatedDataset | None:
    root = Path(os.environ.get("KAGGLE_INPUT_ROOT") or "/kaggle/input")
    folders = (root / "datasets" / wanted.owner / wanted.slug, root / wanted.slug)
    path = next((folder for folder in folders if folder.is_dir()), None)
    if path is None:
        return None
    _say(wanted, "mounted input", path)
    version, licence = _identify_mount(wanted, path)
    return LocatedDataset(path, wanted.owner, wanted.slug, version, "mounted input", licence)


def _identify_mount(wanted: Reference, path: Path) -> tuple[int | None, str | None]:
    """Number and licence of what is mounted: a mount does not say, so its files are compared with Kaggle's list."""
    found = files_below(path)
    if not found:
        raise LprError(f"{path}: the mounted input is empty; detach {wanted.dataset} and attach it again")
    from lpr.kaggle.service.client import Client

    try:
        # A session without internet is common, and the data is there: do not wait long.
        client = Client(replace(RetryPolicy.from_environment(), tries=2))
        version = wanted.version or client.current_version(wanted)
        listed, licence = client.files(wanted.at(version)), client.licence(wanted)
    except LprError as error:
        _warn(f"{path}: its version could not be checked: {error}")
        return wanted.version, None
    differences = compare_files(found, listed)
    if differences and wanted.version is not None:
        raise LprError(
            f"{path}: the mounted input is not {wanted}: {summarise(differences)}; attach version {wanted.version} of "
            "the dataset, or correct the pin in params.yaml"
        )
    if differences or version is None:
        _warn(f"{path}: not the newest version of {wanted.dataset}, and which one it is cannot be told; pin it")
        return None, licence
    if wanted.version is None:
        _warn_unpinned(wanted, version)
    return version, licence


def _cached(reference: Reference) -> LocatedDataset | None:
    path = cached(reference)
    if path is None:
        return None
    _say(reference, "cached download", path)
    return _from_cache(path, reference, "cached download")


def _downloaded(wanted: Reference) -> LocatedDataset:
    from lpr.kaggle.service.client import Client

    if wanted.version is not None and (found := _cached(wanted)):
        return found
    try:
        client = Client()
        version = wanted.version or client.current_version(wanted)
    except LprError as error:
        kept = newest_cached(wanted) if wanted.version is None else None
        found = _cached(kept) if kept else None
        if found is None:
            raise
        _warn(f"{wanted.dataset}: the newest version could not be asked for ({error}); {kept} from the cache is used")
        return found
    if version is None:
        raise LprError(f"{wanted.dataset}: the dataset has no version yet; wait until Kaggle has processed it")
    pinned = wanted.at(version)
    found = _cached(pinned)
    if found is None:
        print(f"{pinned}: Kaggle API", flush=True)
    if wanted.version is None:
        _warn_unpinned(wanted, version)
    return found or _from_cache(download(client, pinned), pinned, "Kaggle API")


def _from_cache(path: Path, reference: Reference, how: str) -> LocatedDataset:
    return LocatedDataset(path, reference.owner, reference.slug, reference.version, how, cached_licence(reference))


def _say(reference: Reference, how: str, path: Path) -> None:
    print(f"{reference}: {how}, {path}", flush=True)


def _warn_unpinned(wanted: Reference, version: int) -> None:
    _warn(f"{wanted.dataset} is not pinned: version {version} is used; write {wanted.dataset}/{version} to keep to it")


def _warn(text: str) -> None:
    print(f"warning: {text}", file=sys.stderr, flush=True)
