"""The few requests this project makes of Kaggle, through the official client, with retries and clear errors."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any, TypeVar

from lpr.kaggle.service.credentials import sign_in, token_is_set
from lpr.kaggle.service.errors import NO_CREDENTIALS, KaggleError, translate
from lpr.kaggle.service.references import PLACEHOLDER, Reference, parse_kernel, parse_reference
from lpr.kaggle.service.retry import RetryPolicy

T = TypeVar("T")
_PAGE = 200
_SMALL_FILE = 64 << 20  # bytes


class Client:
    """A signed-in (or anonymous) connection. Methods raise KaggleError; those that only read retry by themselves."""

    def __init__(self, policy: RetryPolicy | None = None) -> None:
        self.policy = policy or RetryPolicy.from_environment()
        self._api, self.account = sign_in(self.policy)
        sdk = self._api.build_kaggle_client()
        sdk.__enter__()
        _limit_waiting(sdk, self.policy.timeout)
        # The official client's own interfaces to datasets, uploads and kernels.
        self.datasets: Any = sdk.datasets.dataset_api_client
        self.blobs: Any = sdk.blobs.blob_api_client
        self.kernels: Any = sdk.kernels.kernels_api_client

    def need_account(self, doing: str) -> str:
        """Return the account's name. Raises KaggleError if nobody is signed in."""
        if self.account is None:
            if token_is_set():
                raise KaggleError(
                    f"{doing}: Kaggle does not accept the access token in KAGGLE_API_TOKEN; make a new one at "
                    "https://www.kaggle.com/settings",
                    "credentials",
                )
            raise KaggleError(f"{doing}: {NO_CREDENTIALS}", "credentials")
        return self.account

    def reference(self, text: str) -> Reference:
        """Return the dataset that a text names, the account in the place of the owner `OWNER`.

        Raises:
            LprError: the text names no dataset, or (KaggleError) nobody is signed in and the owner is `OWNER`.
        """
        named = parse_reference(text)
        if named.owner != PLACEHOLDER:
            return named
        return Reference(self.need_account(f"finding the owner of {text}"), named.slug, named.version)

    def kernel(self, text: str) -> str:
        """Return `owner/slug` of the kernel that a text names, the account in the place of the owner `OWNER`.

        Raises:
            LprError: the text names no kernel, or (KaggleError) nobody is signed in and the owner is `OWNER`.
        """
        owner, slug = parse_kernel(text)
        return f"{self.need_account(f'finding the owner of {text}') if owner == PLACEHOLDER else owner}/{slug}"

    def ask(self, doing: str, request: Callable[[], T]) -> T:
        """Make one request once. Raises KaggleError."""
        try:
            return request()
        except Exception as error:
            problem = translate(error, doing)
            if self.account is None and problem.kind in ("credentials", "forbidden", "missing"):
                problem = KaggleError(f"{problem}\n{NO_CREDENTIALS}", problem.kind)
            # The cause's text may hold signed URLs, so it is not chained into what a traceback would show.
            raise problem from None

    def read(self, doing: str, request: Callable[[], T]) -> T:
        """Make a request that changes nothing, again if need be. Raises KaggleError."""
        return self.policy.retry(lambda: self.ask(doing, request))

    def current_version(self, dataset: Reference) -> int | None:
        """The newest version's number, or None if the dataset has none."""
        request = _request("ApiGetDatasetRequest", dataset)
        found = self.read(f"asking for {dataset.dataset}", lambda: self.datasets.get_dataset(request))
        return found.current_version_number or None

    def licence(self, dataset: Reference) -> str | None:
        """The name of the dataset's licence, or None if its owner gives none."""
        request = _request("ApiGetDatasetMetadataRequest", dataset)
        answer = self.read(
            f"asking for the licence of {dataset.dataset}", lambda: self.datasets.get_dataset_metadata(request)
        )
        names = [licence.name for licence in (answer.info and answer.info.licenses) or [] if licence]
        # So Kaggle calls the licence of those who have chosen none.
        return names[0] if names and names[0].lower() != "unknown" else None

    def find(self, dataset: Reference) -> int | None:
        """The newest version's number, 0 if none is ready, or None if there is no such dataset that we may see."""
        try:
            return self.current_version(dataset) or 0
        except KaggleError as error:
            # The service hides what does not exist behind 403 as well; of one's own datasets all may be seen.
            if error.kind == "missing" or (error.kind == "forbidden" and dataset.owner == self.account):
                return None
            raise

    def read_file(self, reference: Reference, name: str) -> bytes | None:
        """The content of one small file of a version, or None if the version has no such file."""

        def request() -> bytes:
            with self.open_download(reference, name) as response:
                return self.ask(f"reading {name} of {reference}", lambda: _content(response))

        try:
            content = self.policy.retry(request)
        except KaggleError as error:
            if error.kind == "missing":
                return None
            raise
        return _unpacked(content, name)

    def files(self, reference: Reference) -> dict[str, int]:
        """Names and sizes in bytes of all files of a version (of the newest if none is named)."""
        request = _request("ApiListDatasetFilesRequest", reference)
        request.dataset_version_number = reference.version
        request.page_size = _PAGE
        doing = f"listing the files of {reference}"
        found: dict[str, int] = {}
        while True:
            page = self.read(doing, lambda: self.datasets.list_dataset_files(request))
            if page.error_message:
                raise KaggleError(f"{doing}: {page.error_message}", "answer")
            found.update({file.name: file.total_bytes for file in page.dataset_files})
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    def state(self, dataset: Reference) -> str:
        """The state of the newest version: `ready`, `failed`, or one of those on the way there."""
        request = _request("ApiGetDatasetStatusRequest", dataset)
        answer = self.read(
            f"asking for the state of {dataset.dataset}", lambda: self.datasets.get_dataset_status(request)
        )
        return str(answer.status.name).lower()

    def log_events(self, kernel: str) -> Any:
        """The events of a kernel's log, dictionaries with a piece of text in `data`, in an iterator of the client's."""
        return self._api.kernels_logs_stream(kernel)

    def open_download(self, reference: Reference, file: str | None = None) -> Any:
        """Start a download of a version's zip, or of one file of it; once. Returns a streaming `requests.Response`."""
        request = _request("ApiDownloadDatasetRequest", reference)
        request.dataset_version_number = reference.version
        if file is not None:
            request.file_name = file
        return self.ask(
            f"downloading {file or ''}{' of ' if file else ''}{reference}",
            lambda: self.datasets.download_dataset(request),
        )


def _request(kind: str, dataset: Reference) -> Any:
    """Return a request of one of the client's kinds about a dataset."""
    from kagglesdk.datasets.types import dataset_api_service

    request = getattr(dataset_api_service, kind)()
    request.owner_slug, request.dataset_slug = dataset.owner, dataset.slug
    return request


def _content(response: Any) -> bytes:
    content = bytearray()
    for block in response.iter_content(1 << 16):
        content += block
        if len(content) > _SMALL_FILE:
            raise KaggleError(f"a file that should be small has more than {_SMALL_FILE >> 20} MB", "answer")
    return bytes(content)


def _unpacked(content: bytes, name: str) -> bytes:
    """Single files may come zipped."""
    if name.endswith(".zip") or not content.startswith(b"PK\x03\x04"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        entry = bundle.infolist()[0]
        if entry.file_size > _SMALL_FILE:
            raise KaggleError(f"{name} should be small and has {entry.file_size} bytes", "answer")
        return bundle.read(entry)


def _limit_waiting(sdk: Any, seconds: float) -> None:
    """Give the client's requests a time limit: it sets none, so that a silent server would hold us for ever."""
    from requests.adapters import HTTPAdapter

    class Adapter(HTTPAdapter):
        def send(self, request: Any, *args: Any, **options: Any) -> Any:
            if options.get("timeout") is None:
                options["timeout"] = seconds
            return super().send(request, *args, **options)

    session = getattr(sdk.http_client(), "_session", None)
    if session is not None:
        session.mount("http://", Adapter())
        session.mount("https://", Adapter())
