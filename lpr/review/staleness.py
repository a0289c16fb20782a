"""Is dvc.lock up to date with the code and parameters, whether the data is there or not?

`dvc status` cannot say: it counts data that is not there as a change, and data that differs as merely "not in cache".
Hashes, dependencies and parameters are DVC's own; only what they mean is decided here. A file that is missing is taken
to be what dvc.lock names if DVC keeps it in its cache, and as a change if git keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lpr.review import git
from lpr.review.dvc_repo import hash_path, open_repo
from lpr.review.lock import LOCK, locked_stages
from lpr.review.values import changes, shown

_WORDS = {"deleted": "missing", "modified": "changed", "new": "is no dependency in dvc.lock"}
"""States of a dependency, as DVC has them, for people."""


@dataclass(frozen=True)
class Staleness:
    """What no longer fits dvc.lock.

    Attributes:
        stages: the number of all stages.
        changed: what changed in each stage that does not fit, one line each; stages that fit are left out.
        following: names of the stages behind these, which run again if what they read changes.
        missing: outputs that are not here, and were taken to be what dvc.lock names.
    """

    stages: int
    changed: dict[str, list[str]] = field(default_factory=dict)
    following: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def find_stale(rev: str | None = None) -> Staleness:
    """Compare dvc.lock with the working tree, or with what is committed at `rev`, in DVC's repository here.

    Raises:
        LprError: no DVC repository, no such revision, or dvc.yaml, dvc.lock or params.yaml cannot be read.
    """
    commit = git.resolve(rev) if rev else "workspace"
    with open_repo() as repo, repo.switch(commit):
        return _compare(repo)


def format_stale(found: Staleness) -> str:
    """Return the verdict for people: changed stages with their changes, and what to do, in the last line."""
    if not found.changed:
        count = len(found.missing)
        rest = f"; {count} of their outputs are not here, and taken to be what it names" if count else ""
        return f"dvc.lock is up to date: nothing changed in {found.stages} stages{rest}"
    lines = [line for name, reasons in found.changed.items() for line in (name, *(f"  {reason}" for reason in reasons))]
    after = f"; behind them: {', '.join(found.following)}" if found.following else ""
    return "\n".join(
        [
            *lines,
            f"dvc.lock is stale: {len(found.changed)} of {found.stages} stages changed{after}",
            "run `dvc repro`, and commit dvc.lock with the results",
        ]
    )


def _compare(repo: Any) -> Staleness:
    stages = [stage for stage in repo.index.stages if stage.is_data_source is False and stage.cmd]
    lock = _lock(repo)
    producers = {out.fs_path: out for stage in stages for out in stage.outs}
    changed: dict[str, list[str]] = {}
    missing: set[str] = set()
    for stage in stages:
        if stage.name not in lock:
            changed[stage.name] = [f"{LOCK} has no such stage: it never ran"]
            continue
        reasons = [
            *([f"command: {lock[stage.name].get('cmd')} -> {stage.cmd}"] if stage.cmd_changed else []),
            *(line for dep in stage.deps if not stage.frozen for line in _dependency(repo, dep, producers)),
            *(line for out in stage.outs for line in _output(out, missing)),
        ]
        if reasons:
            changed[stage.name] = reasons
    return Staleness(len(stages), changed, _following(repo, changed), sorted(missing))


def _lock(repo: Any) -> dict[str, Any]:
    path = repo.fs.join(repo.root_dir, LOCK)
    if not repo.fs.exists(path):
        return {}
    with repo.fs.open(path, encoding="utf-8") as stream:
        return locked_stages(stream.read())


def _dependency(repo: Any, dep: Any, producers: dict[str, Any]) -> Iterator[str]:
    from dvc.dependency import ParamsDependency  # type: ignore[import-untyped]

    if isinstance(dep, ParamsDependency):
        for name, old, new in changes(dep.hash_info.value or {}, dep.read_params()):
            yield f"{dep}: {name}: {shown(old)} -> {shown(new)}"
        return
    producer = producers.get(dep.fs_path)
    if producer is not None and producer.hash_info != dep.hash_info:
        yield f"{dep}: {producer.stage.name} made another one since this stage ran"
        return
    state = next(iter(dep.workspace_status().values()), None)
    if state is None:
        return
    if state == "deleted" and _is_made(repo, dep, producers):
        return
    if state == "modified" and dep.fs.isdir(dep.fs_path):
        yield from _changed_files(repo, dep) or [f"{dep}: changed"]
    else:
        yield f"{dep}: {_WORDS.get(state, state)}"


def _is_made(repo: Any, dep: Any, producers: dict[str, Any]) -> bool:
    """Whether a stage makes the path and DVC, not git, keeps it."""
    return any(out.use_cache and repo.fs.isin_or_eq(dep.fs_path, path) for path, out in producers.items())


def _output(out: Any, missing: set[str]) -> Iterator[str]:
    # Not `status`, which says "not in cache" of a cached output before it looks at the file.
    state = next(iter(out.workspace_status().values()), None)
    if state == "deleted" and out.use_cache:
        missing.add(str(out))
    elif state == "deleted":
        yield f"output {out}: missing, though git keeps it"
    elif state == "modified":
        yield f"output {out}: not the one that {LOCK} names"
    elif state == "new":
        yield f"output {out}: not in {LOCK}"


def _changed_files(repo: Any, dep: Any) -> list[str]:
    """Return the files of a folder that differ from when dvc.lock was written, [] where no commit has that folder."""
    from dvc.fs import GitFileSystem  # type: ignore[import-untyped]

    wanted = dep.hash_info.value
    path = repo.fs.relpath(dep.fs_path, repo.root_dir).replace("\\", "/")
    for commit in dict.fromkeys([git.resolve("HEAD"), *git.commits_that_touched(LOCK, wanted)]):
        past = GitFileSystem(scm=repo.scm, rev=commit)
        if not past.isdir(f"/{path}"):
            continue
        before = hash_path(repo, f"/{path}", past, None)
        if before.hash_info.value == wanted:
            old, new = _file_hashes(before), _file_hashes(hash_path(repo, dep.fs_path, dep.fs, dep.dvcignore))
            return [
                f"{path}/{name}: {'missing' if name not in new else 'changed' if name in old else 'new'}"
                for name in sorted({*old, *new})
                if old.get(name) != new.get(name)
            ]
    return []


def _file_hashes(folder: Any) -> dict[str, str]:
    return {"/".join(key): entry.value for key, _, entry in folder}


def _following(repo: Any, changed: Iterable[str]) -> list[str]:
    """Return the names of the stages that read, directly or not, what changed stages make, in the pipeline's order."""
    graph = repo.index.graph  # edges go from a stage to those it reads from
    reached, queue = set(changed), [stage for stage in graph if stage.name in set(changed)]
    while queue:
        for stage in graph.predecessors(queue.pop()):
            if stage.name not in reached:
                reached.add(stage.name)
                queue.append(stage)
    return [stage.name for stage in repo.index.stages if stage.name in reached - set(changed)]
