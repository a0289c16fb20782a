"""A Label Studio on the loopback, with a folder of its own, asked through its HTTP API as its page asks it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

PATIENCE = 900
"""Seconds after which a Label Studio that does not answer has failed: it makes its database first."""
TOKEN = "0123456789abcdef0123456789abcdef01234567"
ANNOTATOR = "annotator@example.org"


def program() -> str | None:
    """Return the program, None where it is not installed: it needs an environment of its own."""
    return shutil.which("label-studio")


@dataclass(frozen=True)
class LabelStudio:
    """A running Label Studio.

    Attributes:
        url: where it listens.
        photos: the folder whose photos it may show.
    """

    url: str
    photos: Path

    def ask(self, method: str, path: str, **arguments: Any) -> requests.Response:
        """Return the answer to a request of the annotator. Raises requests.HTTPError for a refusal."""
        headers = {"Authorization": f"Token {TOKEN}"}
        answer = requests.request(method, self.url + path, headers=headers, timeout=PATIENCE, **arguments)
        if not answer.ok:
            raise requests.HTTPError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer

    def make_project(self, config: str, tasks: str) -> int:
        """Make a project that shows photos and takes tasks as the steps of docs/labels.md say; return its number."""
        project = self.ask("POST", "/api/projects", json={"title": "plates", "label_config": config}).json()["id"]
        storage = {"project": project, "title": "photos", "path": str(self.photos), "use_blob_urls": True}
        self.ask("POST", "/api/storages/localfiles", json=storage)
        self.ask("POST", f"/api/projects/{project}/import", files={"tasks.json": ("tasks.json", tasks)})
        return project

    def tasks(self, project: int) -> list[dict[str, Any]]:
        """Return all tasks of a project, with their predictions, in the project's order."""
        query = {"project": project, "page_size": 1000, "fields": "all"}
        return self.ask("GET", "/api/tasks", params=query).json()["tasks"]

    def submit(self, task: int, result: list[dict[str, Any]]) -> None:
        """Submit an annotation of a task."""
        self.ask("POST", f"/api/tasks/{task}/annotations/", json={"result": result})

    def export(self, project: int) -> bytes:
        """Return a project's export as JSON."""
        return self.ask("GET", f"/api/projects/{project}/export", params={"exportType": "JSON"}).content


@contextmanager
def label_studio(command: str, data: Path, root: Path, photos: Path) -> Iterator[LabelStudio]:
    """Run a Label Studio.

    Args:
        command: the program.
        data: folder for its database.
        root: folder below which it may serve files.
        photos: folder of the photos, in `root`.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "true",
        "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT": str(root),
        "LABEL_STUDIO_USERNAME": ANNOTATOR,
        "LABEL_STUDIO_PASSWORD": "of-this-test-alone",
        "LABEL_STUDIO_USER_TOKEN": TOKEN,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "HOME": str(data),
        "DEBUG": "false",
    }
    data.mkdir(parents=True, exist_ok=True)
    log = data / "log.txt"
    arguments = ["start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [command, *arguments], env={**os.environ, **settings}, cwd=data, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            served = LabelStudio(f"http://127.0.0.1:{port}", photos)
            _wait(served, process, log)
            yield served
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait(served: LabelStudio, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            served.ask("GET", "/api/projects")
            return
        except requests.ConnectionError:
            time.sleep(1)
    raise AssertionError(f"label-studio does not answer:\n{log.read_text(errors='replace')[-3000:]}")
