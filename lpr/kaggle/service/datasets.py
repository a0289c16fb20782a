"""A new version of a dataset: made once, awaited, and compared with what was sent."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lpr.base.files import write_text
from lpr.kaggle.service.archive import compare_files, summarise
from lpr.kaggle.service.client import Client
from lpr.kaggle.service.download import cache_root, locked
from lpr.kaggle.service.errors import KaggleError
from lpr.kaggle.service.references import Reference
from lpr.kaggle.service.upload import upload

METADATA = "dataset-metadata.json"
"""Title and licence of a dataset, as `kaggle datasets init` makes it: told with the request, never sent as a file."""

_READY, _FAILED = "ready", "failed"


@dataclass(frozen=True)
class NewVersion:
    """What a new version is to hold.

    Attributes:
        files: what is sent, by the name it gets; a name with `.zip` becomes a folder of its contents.
        marker: one of those names, a small file whose bytes no other version has; by it the version is recognised.
        listed: names and sizes in bytes that the service must list afterwards; by default those of `files`.
        notes: the version's message.
        title: 6 to 50 characters; used when the dataset is new.
        licence: a name that Kaggle knows, used when the dataset is new; for "other" the description says which.
        description: of the dataset, Markdown.
        private: used when the dataset is new.
    """

    files: Mapping[str, Path]
    marker: str
    notes: str
    title: str
    licence: str = "other"
    listed: Mapping[str, int] = field(default_factory=dict)
    description: str = ""
    private: bool = True

    def expected(self) -> dict[str, int]:
        """Names and sizes that the service must list."""
        return dict(self.listed) or {name: path.stat().st_size for name, path in self.files.items()}


@contextlib.contextmanager
def publishing(client: Client, dataset: Reference) -> Iterator[int | None]:
    """Hold a dataset for one publisher of this machine, wait until its newest version is processed, yield its number.

    The number is None if the dataset does not exist, 0 if it has no version that is ready.

    Raises:
        KaggleError: a version is still being processed after `policy.ready` seconds.
    """
    with locked(cache_root() / "kaggle" / dataset.owner / dataset.slug / "publish"):
        number = client.find(dataset)
        if number is not None:
            _await_processed(client, dataset)
            number = client.find(dataset)
        yield number


def add_unless_newest(
    client: Client, dataset: Reference, marker: str, text: str, prepare: Callable[[Path], NewVersion]
) -> tuple[Reference, bool]:
    """Publish a version unless the newest one has the same marker.

    Args:
        client: a connection that may publish.
        dataset: created if there is none.
        marker: name of the file by which the version is recognised.
        text: its content.
        prepare: returns what is to be published, given a scratch folder that holds the marker.

    Returns:
        The version, and whether it is new.

    Raises:
        KaggleError: as `add_version`.
    """
    with publishing(client, dataset) as before, tempfile.TemporaryDirectory(prefix="lpr-push-") as scratch:
        if before and client.read_file(dataset.at(before), marker) == text.encode():
            return dataset.at(before), False
        write_text(Path(scratch) / marker, text)
        return add_version(client, dataset, prepare(Path(scratch)), before), True


def add_version(client: Client, dataset: Reference, content: NewVersion, before: int | None) -> Reference:
    """Publish a content as the version after `before`, within `publishing`; creates the dataset if `before` is None.

    Returns:
        The reference of the new version, which is ready and lists exactly what was sent.

    Raises:
        KaggleError: anything less; the message says what is on the service and what to do.
    """
    client.need_account(f"publishing {dataset.dataset}")
    expected = content.expected()
    _check_newest(client, dataset, before)
    tokens = [upload(client, path, name) for name, path in sorted(content.files.items())]
    # Once more, since uploading takes minutes.
    _check_newest(client, dataset, before)
    marker = content.files[content.marker].read_bytes()
    _create(client, dataset, content, tokens, before)
    version = _await_marked(client, dataset, content.marker, marker, before)
    if differences := compare_files(client.files(version), expected):
        raise KaggleError(
            f"{version} is on Kaggle but not whole: {summarise(differences)}; it stays there and is not used, "
            "run it again to publish a whole one",
            "answer",
        )
    return version


def _check_newest(client: Client, dataset: Reference, before: int | None) -> None:
    now = client.find(dataset)
    if now != before:
        raise KaggleError(
            f"{dataset.dataset}: someone else published version {now} meanwhile; nothing was added, run it again",
            "answer",
        )


def _create(client: Client, dataset: Reference, content: NewVersion, tokens: list[str], before: int | None) -> None:
    """Make the version. A request whose answer is lost is repeated only when nothing has come of it."""
    doing = f"publishing {dataset.dataset}"

    def request() -> str:
        answer = client.ask(doing, lambda: _request(client, dataset, content, tokens, before))
        return "" if (answer.status or "").lower() == "ok" and not answer.error else answer.error or answer.status

    def landed() -> str | None:
        return "" if _version_came(client, dataset, before) else None

    try:
        refusal = client.policy.retry(request, landed)
    except KaggleError as error:
        if not error.temporary:
            raise
        raise KaggleError(
            f"{error}; no new version is on Kaggle, and running it again makes no second one of what is there",
            error.kind,
        ) from None
    if refusal != "":
        raise KaggleError(
            f"{doing}: Kaggle says {refusal or 'nothing'!r}; nothing was added, mend that and run it again", "answer"
        )


def _request(client: Client, dataset: Reference, content: NewVersion, tokens: list[str], before: int | None) -> Any:
    from kagglesdk.datasets.types.dataset_api_service import (
        ApiCreateDatasetRequest,
        ApiCreateDatasetVersionRequest,
        ApiCreateDatasetVersionRequestBody,
        ApiDatasetNewFile,
    )

    files = []
    for token in tokens:
        file = ApiDatasetNewFile()
        file.token = token
        files.append(file)
    if before is None:
        request = ApiCreateDatasetRequest()
        request.owner_slug, request.slug, request.title = dataset.owner, dataset.slug, content.title
        request.license_name, request.is_private = content.licence, content.private
        request.description, request.files = content.description, files
        return client.datasets.create_dataset(request)
    body = ApiCreateDatasetVersionRequestBody()
    body.version_notes, body.files, body.description = content.notes, files, content.description
    addition = ApiCreateDatasetVersionRequest()
    addition.owner_slug, addition.dataset_slug, addition.body = dataset.owner, dataset.slug, body
    return client.datasets.create_dataset_version(addition)


def _version_came(client: Client, dataset: Reference, before: int | None) -> bool:
    """After a lost answer: whether a version appears, or is on its way, within `policy.settle` seconds."""
    awaited = f"a version of {dataset.dataset} whose making Kaggle lost"
    for report in client.policy.polling(client.policy.settle, awaited):
        number = client.find(dataset)
        if number is not None and (before is None or number > before or client.state(dataset) not in (_READY, _FAILED)):
            return True
        report("nothing to be seen")
    return False


def _await_processed(client: Client, dataset: Reference) -> None:
    state = ""
    for report in client.policy.polling(client.policy.ready, f"the newest version of {dataset.dataset}"):
        state = client.state(dataset)
        if state in (_READY, _FAILED):
            return
        report(state)
    raise KaggleError(
        f"{dataset.dataset}: its newest version is still being processed ({state}) after "
        f"{client.policy.ready:.0f} s; nothing was added, run it again later",
        "server",
    )


def _await_marked(client: Client, dataset: Reference, name: str, content: bytes, before: int | None) -> Reference:
    """Wait until the version whose marker is ours is there, and the newest one is ready; others may have come first."""
    seen, ours, state, number = before or 0, None, "", 0
    unmarked_since: float | None = None
    for report in client.policy.polling(client.policy.ready, f"the new version of {dataset.dataset}"):
        number = client.find(dataset) or 0
        for candidate in range(seen + 1, number + 1):
            if ours is None and client.read_file(dataset.at(candidate), name) == content:
                ours = dataset.at(candidate)
            seen = candidate
        state = client.state(dataset)
        if state == _FAILED and ours is None:
            raise KaggleError(
                f"{dataset.dataset}: Kaggle could not process the new version ({state}); the versions up to {number} "
                "are untouched; look at the dataset's page, and run it again",
                "answer",
            )
        if state in (_READY, _FAILED) and ours is not None:
            return ours
        if state == _READY and number > (before or 0):
            # All is processed, and ours is not among it: it came without the file that tells it.
            unmarked_since = unmarked_since or time.monotonic()
            if time.monotonic() - unmarked_since >= client.policy.settle:
                raise KaggleError(
                    f"{dataset.at(number)} is on Kaggle but not whole: {name} is missing; it stays there and is not "
                    "used, run it again to publish a whole one",
                    "answer",
                )
        report(state)
    raise KaggleError(
        f"{dataset.dataset}: the new version was accepted but is not ready ({state}) after "
        f"{client.policy.ready:.0f} s; run it again later: what is there by then is not added twice",
        "server",
    )
