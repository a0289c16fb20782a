"""The remote procedures, by name: (service, request, user) -> JSON answer, or the URL of a redirect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from standin.state import Dataset, Kernel

LICENSES = {"CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "apache-2.0", "GPL-2", "other", "unknown"}


class RefusedError(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def answer(service: Any, name: str, body: dict[str, Any], user: str | None) -> Any:
    """Perform an RPC. Raises RefusedError."""
    if name not in _RPCS:
        raise RefusedError(404, f"no such method: {name}")
    return _RPCS[name](service, body, user)


def _introspect(service: Any, body: dict[str, Any], user: str | None) -> Any:
    owner = service.state.tokens.get(body.get("token"))
    return {"active": True, "username": owner} if owner else {}


def _dataset(service: Any, body: dict[str, Any], user: str | None) -> Dataset:
    found = service.state.datasets.get(f"{body.get('ownerSlug')}/{body.get('datasetSlug')}")
    if found is None or (found.private and user != found.owner):
        raise RefusedError(404, "Not found")
    return found


def _version(service: Any, body: dict[str, Any], user: str | None) -> Any:
    version = _dataset(service, body, user).find(body.get("datasetVersionNumber"))
    if version is None:
        raise RefusedError(404, "Not found")
    return version


def _list_files(service: Any, body: dict[str, Any], user: str | None) -> Any:
    version = _version(service, body, user)
    names, size = sorted(version.files), body.get("pageSize", 20)
    start = int(body.get("pageToken") or 0)
    files = [
        {
            "name": name,
            "totalBytes": version.sizes.get(name, len(version.files[name])),
            "creationDate": "2026-01-01T00:00:00.000Z",
        }
        for name in names[start : start + size]
    ]
    return {"datasetFiles": files, "nextPageToken": str(start + size) if start + size < len(names) else ""}


def _metadata(service: Any, body: dict[str, Any], user: str | None) -> Any:
    return {"info": {"licenses": [{"name": _dataset(service, body, user).license}]}}


def _download(service: Any, body: dict[str, Any], user: str | None) -> Any:
    version = _version(service, body, user)
    name = body.get("fileName")
    if name is not None and name not in version.files:
        raise RefusedError(404, "Not found")
    content = version.zip() if name is None else version.files[name]
    return _signed(service, "archive.zip" if name is None else name.rsplit("/", 1)[-1], content)


def _signed(service: Any, name: str, content: bytes) -> str:
    from standin.server import SIGNATURE

    return f"{service.url}/download/{service.state.new_download(name, content)}/{name}?{SIGNATURE}"


def _get(service: Any, body: dict[str, Any], user: str | None) -> Any:
    dataset = _dataset(service, body, user)
    version = dataset.ready()
    return {
        "ref": f"{dataset.owner}/{dataset.slug}",
        "title": dataset.title,
        "isPrivate": dataset.private,
        "licenseName": dataset.license,
        "currentVersionNumber": version.number if version else 0,
    }


def _status(service: Any, body: dict[str, Any], user: str | None) -> Any:
    return {"status": service.state.poll(_dataset(service, body, user))}


def _start_upload(service: Any, body: dict[str, Any], user: str | None) -> Any:
    from standin.server import SIGNATURE

    _need(user)
    token = service.state.new_upload(body["name"], body.get("contentLength", 0))
    return {"token": token, "createUrl": f"{service.url}/upload/{token}?{SIGNATURE}"}


def _create(service: Any, body: dict[str, Any], user: str | None) -> Any:
    reference = f"{body['ownerSlug']}/{body['slug']}"
    if _need(user) != body["ownerSlug"]:
        raise RefusedError(403, "Permission 'datasets.create' was denied")
    if reference in service.state.datasets:
        return {"status": "error", "error": "The slug is already in use"}
    if body.get("licenseName") not in LICENSES or not 6 <= len(body.get("title", "")) <= 50:
        return {"status": "error", "error": "The licence or the title is not valid"}
    tokens = [file["token"] for file in body.get("files", [])]
    _check_tokens(service, tokens)
    dataset = Dataset(body["ownerSlug"], body["slug"], body["title"], body["licenseName"], body.get("isPrivate", False))
    service.state.datasets[reference] = dataset
    service.state.add_version(dataset, tokens, "Initial release")
    return {"ref": reference, "url": f"https://www.kaggle.com/datasets/{reference}", "status": "ok"}


def _create_version(service: Any, body: dict[str, Any], user: str | None) -> Any:
    dataset = _dataset(service, body, user)
    if _need(user) != dataset.owner:
        raise RefusedError(403, "Permission 'datasets.update' was denied")
    inner = body["body"]
    if inner.get("deleteOldVersions"):
        raise AssertionError("this project never deletes versions")
    tokens = [file["token"] for file in inner.get("files", [])]
    _check_tokens(service, tokens)
    service.state.add_version(dataset, tokens, inner.get("versionNotes", ""))
    return {"ref": f"{dataset.owner}/{dataset.slug}", "status": "ok"}


def _check_tokens(service: Any, tokens: list[str]) -> None:
    for token in tokens:
        upload = service.state.uploads.get(token)
        if upload is None or len(upload.received) != upload.size:
            raise RefusedError(400, "an upload is not finished")


def _save_kernel(service: Any, body: dict[str, Any], user: str | None) -> Any:
    owner, slug = body["slug"].split("/")
    if _need(user) != owner:
        raise RefusedError(403, "Permission 'kernels.update' was denied")
    kernel = service.state.kernels.setdefault(body["slug"], Kernel(owner, slug))
    kernel.versions.append(body)
    service.state.on_push(kernel)
    return {
        "ref": f"/code/{owner}/{slug}",
        "url": f"https://www.kaggle.com/code/{owner}/{slug}",
        "versionNumber": len(kernel.versions),
        "invalidDatasetSources": [
            source for source in body.get("datasetDataSources", []) if source in service.state.invalid_sources
        ],
    }


def _kernel(service: Any, body: dict[str, Any], user: str | None) -> Kernel:
    found = service.state.kernels.get(f"{body.get('userName')}/{body.get('kernelSlug')}")
    if found is None or found.owner != user:
        raise RefusedError(403, "Permission 'kernels.get' was denied")
    return found


def _get_kernel(service: Any, body: dict[str, Any], user: str | None) -> Any:
    kernel = _kernel(service, body, user)
    return {"metadata": {"ref": f"{kernel.owner}/{kernel.slug}", "currentVersionNumber": len(kernel.versions)}}


def _kernel_status(service: Any, body: dict[str, Any], user: str | None) -> Any:
    kernel = _kernel(service, body, user)
    state = kernel.states.pop(0) if len(kernel.states) > 1 else kernel.states[0]
    return {"status": state, "failureMessage": kernel.failure if state == "ERROR" else ""}


def _kernel_output(service: Any, body: dict[str, Any], user: str | None) -> Any:
    kernel = _kernel(service, body, user)
    names, size, start = sorted(kernel.output), body.get("pageSize", 20), int(body.get("pageToken") or 0)
    files = [
        {"fileName": name, "url": _signed(service, name.rsplit("/", 1)[-1], kernel.output[name])}
        for name in names[start : start + size]
    ]
    return {"files": files, "log": kernel.log, "nextPageToken": str(start + size) if start + size < len(names) else ""}


def _need(user: str | None) -> str:
    if user is None:
        raise RefusedError(401, "Unauthenticated")
    return user


_RPCS: dict[str, Callable[[Any, dict[str, Any], str | None], Any]] = {
    "IntrospectToken": _introspect,
    "ListDatasetFiles": _list_files,
    "GetDatasetMetadata": _metadata,
    "DownloadDataset": _download,
    "GetDataset": _get,
    "GetDatasetStatus": _status,
    "StartBlobUpload": _start_upload,
    "CreateDataset": _create,
    "CreateDatasetVersion": _create_version,
    "SaveKernel": _save_kernel,
    "GetKernel": _get_kernel,
    "GetKernelSessionStatus": _kernel_status,
    "ListKernelSessionOutput": _kernel_output,
}
