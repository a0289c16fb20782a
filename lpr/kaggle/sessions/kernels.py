"""Script kernels on Kaggle: push one, ask for its state, its log and its output."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from lpr.base.errors import LprError
from lpr.kaggle.service.client import Client
from lpr.kaggle.service.errors import KaggleError

ACCELERATORS = {"t4": "NvidiaTeslaT4", "none": ""}
"""Kaggle's names of machines by ours: `t4` is two T4s, its usual GPU, `none` a machine without one."""
DEFAULT_ACCELERATOR = "t4"
_DONE, _FAILED = "COMPLETE", ("ERROR", "CANCEL_REQUESTED", "CANCEL_ACKNOWLEDGED")
_LOG_LINES = 30
OVERTIME = 1.0
"""Hours beyond a session's limit for which it is waited: for its turn, and for what it keeps."""


@dataclass(frozen=True)
class Status:
    """State of a kernel in Kaggle's words, why it failed if it did, and the end of its log; [] where there is none."""

    kernel: str
    state: str
    failure: str
    log: list[str]

    def __str__(self) -> str:
        return f"{self.kernel}: {self.state.lower()}{f' ({self.failure})' if self.failure else ''}"

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state == _DONE or self.failed

    @property
    def failed(self) -> bool:
        """Whether it ended badly: failed, cancelled or out of time."""
        return self.state in _FAILED


def save_kernel(
    client: Client,
    slug: str,
    script: str,
    datasets: list[str],
    kernels: list[str],
    hours: float,
    accelerator: str = DEFAULT_ACCELERATOR,
) -> str:
    """Push a private script of the signed-in account, which starts a session of it with internet.

    Args:
        client: the connection.
        slug: of the kernel; a new version is added if it exists.
        script: its whole text.
        datasets, kernels: what is attached: versions of datasets, and outputs of other kernels.
        hours: limit of the session.
        accelerator: one of `ACCELERATORS`, or a name of Kaggle's own.

    Returns:
        The address of its page. A push whose answer is lost is found, not repeated.

    Raises:
        KaggleError: nothing was started, or it was started without one of its inputs.
    """
    from kagglesdk.kernels.types.kernels_api_service import ApiSaveKernelRequest

    kernel = f"{client.account}/{slug}"
    request = ApiSaveKernelRequest()
    request.slug = kernel
    request.new_title = slug.replace("-", " ").title()
    request.text = script
    request.language, request.kernel_type = "python", "script"
    request.is_private = request.enable_internet = True
    request.machine_shape = ACCELERATORS.get(accelerator, accelerator)
    request.dataset_data_sources, request.kernel_data_sources = datasets, kernels
    request.session_timeout_seconds = int(3600 * hours)
    before = _version(client, kernel)
    address = f"https://www.kaggle.com/code/{kernel}"
    # A push whose answer was lost has started a session: a second one would cost its hours again.
    answer = client.policy.retry(
        lambda: client.ask(f"pushing {kernel}", lambda: client.kernels.save_kernel(request)),
        landed=lambda: address if _version(client, kernel) > before else None,
    )
    if isinstance(answer, str):
        return answer
    if answer.error:
        raise KaggleError(
            f"pushing {kernel}: Kaggle says {answer.error!r}; nothing was started",
            "quota" if "quota" in answer.error.lower() else "answer",
        )
    refused = [*(answer.invalid_dataset_sources or []), *(answer.invalid_kernel_sources or [])]
    if refused:
        raise KaggleError(
            f"{kernel} was started without {', '.join(refused)}, which Kaggle does not know or this account may not "
            f"use; cancel it at {answer.url}, correct params.yaml, and push it again",
            "missing",
        )
    return str(answer.url)


def kernel_status(client: Client, kernel: str) -> Status:
    """Ask for a kernel's state; the log comes with it once it is over, if it has left one."""
    request = _request("ApiGetKernelSessionStatusRequest", kernel)
    answer = client.read(f"asking for {kernel}", lambda: client.kernels.get_kernel_session_status(request))
    status = Status(kernel, str(answer.status.name), answer.failure_message or "", [])
    if not status.over:
        return status
    try:
        log = readable_log(kernel_output(client, kernel)[1])
    except KaggleError as error:
        # A kernel that never began has no output; its state is what counts.
        if error.kind not in ("missing", "forbidden"):
            raise
        log = []
    return Status(kernel, status.state, status.failure, log[-_LOG_LINES:])


def await_kernel(client: Client, kernel: str, hours: float) -> Status:
    """Ask again and again until the kernel is over. Raises LprError when it is not, `OVERTIME` after its limit."""
    for report in client.policy.polling(3600 * (hours + OVERTIME), kernel):
        status = kernel_status(client, kernel)
        if status.over:
            return status
        report(status.state.lower())
    raise still_running(status)


def still_running(status: Status) -> LprError:
    """Return the error for a kernel that is not over when it should be."""
    return LprError(
        f"{status.kernel}: still {status.state.lower()} after its time; look at its page, and cancel it there"
    )


def kernel_output(client: Client, kernel: str) -> tuple[dict[str, str], str]:
    """Addresses of the files that a kernel left, by name, and its log. The addresses expire, and are secret."""
    request = _request("ApiListKernelSessionOutputRequest", kernel)
    request.page_size = 100
    files: dict[str, str] = {}
    log = ""
    while True:
        page = client.read(
            f"asking for the output of {kernel}", lambda: client.kernels.list_kernel_session_output(request)
        )
        files.update({str(file.file_name): str(file.url) for file in page.files or []})
        log = log or page.log or ""
        if not page.next_page_token:
            return files, log
        request.page_token = page.next_page_token


def readable_log(text: str) -> list[str]:
    """Lines of a kernel's log, which comes as JSON: a list, or an object a line, each with a piece in `data`."""
    pieces = []
    for line in text.splitlines():
        try:
            entry = json.loads(line.strip().strip("[],") or "null")
        except ValueError:
            return text.splitlines()
        if isinstance(entry, dict):
            pieces.append(str(entry.get("data", "")))
    return "".join(pieces).splitlines()


def _request(kind: str, kernel: str) -> Any:
    """Return a request of one of the client's kinds about a kernel."""
    from kagglesdk.kernels.types import kernels_api_service

    request = getattr(kernels_api_service, kind)()
    request.user_name, request.kernel_slug = kernel.split("/")
    return request


def _version(client: Client, kernel: str) -> int:
    """Number of a kernel's newest version, 0 if there is no such kernel."""
    request = _request("ApiGetKernelRequest", kernel)
    try:
        found = client.read(f"asking for {kernel}", lambda: client.kernels.get_kernel(request))
    except KaggleError as error:
        if error.kind in ("missing", "forbidden"):
            return 0
        raise
    return (found.metadata.current_version_number or 0) if found.metadata else 0
