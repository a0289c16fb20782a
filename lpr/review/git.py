"""Files and commits of the git repository in the working directory."""

from __future__ import annotations

from lpr.base.git import git, run_git


def resolve(rev: str) -> str:
    """Return the full hash of a revision's commit. Raises LprError when there is none."""
    unknown = f"{rev}: no such revision here; fetch it with `git fetch origin {rev}`, or name another"
    return git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}", otherwise=unknown)


def committed(rev: str, path: str) -> bytes | None:
    """Return a file as it is at a revision, None where that revision has no such file. Raises LprError."""
    done = run_git("show", f"{resolve(rev)}:{path}")
    return None if done.returncode else done.stdout


def is_dirty() -> bool:
    """Return whether tracked files differ from HEAD."""
    return bool(run_git("status", "--porcelain", "--untracked-files=no").stdout.strip())


def commits_that_touched(path: str, text: str) -> list[str]:
    """Return the commits that brought `text` into a file or took it out, newest first."""
    return run_git("log", "--format=%H", f"-S{text}", "--", path).stdout.decode().split()
