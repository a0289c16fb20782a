"""A DVC remote for people without a bucket: a local-directory remote kept in step with a private Kaggle dataset.

Objects travel in packs, since many small files are slow to send. A version of the dataset holds the packs that were new
with it and an index of all packs, each by the number of the version that holds it: what was sent once is not sent
again, and older versions are needed.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from lpr.base.errors import LprError
from lpr.base.files import sha256, write_json
from lpr.kaggle.service.client import Client
from lpr.kaggle.service.datasets import NewVersion, add_version, publishing
from lpr.kaggle.service.download import cache_root
from lpr.kaggle.service.errors import KaggleError
from lpr.kaggle.service.references import Reference, title_of
from lpr.kaggle.service.transfer import fetch
from lpr.kaggle.storage.dvc_files import cache_folder, complete_runs, dvc_config, outs_in_git, stored
from lpr.kaggle.storage.packs import Pack, PackIndex, unpack_into, write_packs
from lpr.records.record import explain

INDEX = "index.json"


@dataclass(frozen=True)
class Moved:
    """What a push or a pull did: the version concerned, and how many objects and bytes had to be moved."""

    reference: Reference
    objects: int
    size: int


def remote_folder(name: str | None = None) -> Path:
    """The folder of the DVC remote (the default one if no name is given).

    Raises:
        LprError: there is no such remote, or it is not a local directory.
    """
    settings = dvc_config()
    remotes = {label: str(remote.get("url", "")) for label, remote in settings.get("remote", {}).items()}
    name = name or settings.get("core", {}).get("remote")
    if name is None or name not in remotes:
        raise LprError(
            f"DVC has no {'default remote' if name is None else f'remote {name}'}: "
            "dvc remote add --default kaggle ../dvc-storage"
        )
    url = remotes[name]
    if "://" in url:
        raise LprError(f"the DVC remote {name} is {url}: only a local directory can be kept in a Kaggle dataset")
    return Path(url)


def push_storage(folder: Path, dataset: str, full: bool = False) -> Moved:
    """Bring a dataset into step with a remote's folder; what the dataset holds is not packed again.

    Args:
        folder: of the remote.
        dataset: `owner/slug`; created as a private one if need be.
        full: pack everything anew, so that older versions are no longer needed.

    Raises:
        LprError: the folder is empty, or Kaggle fails (KaggleError); the dataset is as it was then, or has a version
            that is whole.
    """
    client = Client()
    client.need_account(f"storing in {dataset}")
    reference = client.reference(dataset).at(None)
    if Path(".dvc").is_dir():
        complete_runs(folder, cache_folder(), folder)
    names = stored(folder)
    if not names:
        raise LprError(f"{folder}: holds no objects of DVC's; fill it with `dvc push --run-cache` first")
    with publishing(client, reference) as before, tempfile.TemporaryDirectory(prefix="lpr-storage-") as scratch:
        known = [] if full else _read_index(client, reference, before)
        have = {name for pack in known for name, _, _ in pack.objects}
        new = [name for name in names if name not in have]
        if not new and before:
            return Moved(reference.at(before), 0, 0)
        fresh = list(write_packs(folder, new, Path(scratch)))
        write_json(Path(scratch) / INDEX, PackIndex(packs=(*known, *fresh)).model_dump(mode="json"))
        new_version = NewVersion(
            files={name: Path(scratch) / name for name in (INDEX, *(pack.name for pack in fresh))},
            marker=INDEX,
            notes=f"{len(new)} new objects, {len(have) + len(new)} in all",
            title=title_of(reference.slug),
            description="Storage of DVC, kept by `lpr kaggle storage`; older versions hold objects that are in use.",
        )
        landed = add_version(client, reference, new_version, before)
    return Moved(landed, len(new), sum(pack.size for pack in fresh))


def pull_storage(folder: Path, dataset: str) -> Moved:
    """Bring all objects and runs of a dataset into a remote's folder; what is there stays and is not fetched again.

    In a DVC repository its cache gets from there what `dvc pull --run-cache` leaves out.

    Raises:
        LprError: the dataset is no storage, an older version that is needed was deleted, bytes are not what they
            should be, or Kaggle fails (KaggleError). What has come is kept, each object whole.
    """
    client = Client()
    reference = client.reference(dataset)
    version = reference.version or client.find(reference)
    if not version:
        raise LprError(f"{reference.dataset}: nothing is stored there, or these credentials may not see it")
    packs = _read_index(client, reference, version)
    have = set(stored(folder))
    missing = [pack for pack in packs if any(name not in have for name, _, _ in pack.objects)]
    count = size = 0
    for pack in missing:
        path = _bring(client, reference.at(pack.version), pack)
        count += unpack_into(path, pack, folder)
        size += pack.size
        path.unlink()
    if Path("dvc.yaml").is_file():
        complete_runs(folder, folder, cache_folder(), outs_in_git())
    return Moved(reference.at(version), count, size)


def _read_index(client: Client, reference: Reference, version: int | None) -> list[Pack]:
    if not version:
        return []
    content = client.read_file(reference.at(version), INDEX)
    if content is None:
        raise LprError(f"{reference.at(version)}: holds no {INDEX}, so it is no storage of `lpr kaggle storage`")
    try:
        packs = PackIndex.model_validate_json(content, strict=True).packs
    except ValidationError as error:
        raise LprError(f"{reference.at(version)}: {INDEX} cannot be understood ({explain(error)[0]})") from error
    return [pack.model_copy(update={"version": pack.version or version}) for pack in packs]


def _bring(client: Client, reference: Reference, pack: Pack) -> Path:
    doing = f"fetching {pack.name[:12]}... of {reference}"
    target = cache_root() / "kaggle" / reference.owner / reference.slug / pack.name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        fetch(lambda: client.open_download(reference, pack.name), target, doing, client.policy)
    except KaggleError as error:
        if error.kind == "missing":
            raise LprError(
                f"{reference}: a pack is missing; this older version may have been deleted. From a machine that has "
                "the objects, `lpr kaggle storage push --full` stores them all anew"
            ) from error
        raise
    if sha256(target) != pack.sha256:
        target.unlink()
        raise LprError(f"{reference}: a pack came with other bytes than it was sent with; run it again")
    return target
