"""A stand-in for `gh`: the calls that the workflows make, on a state in the JSON file $GH_STATE; any other fails.

Each call needs the permission that GitHub asks for it; the token in GH_TOKEN says which it has.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

BOT = "github-actions[bot]"
REPOSITORY = "someone/license-plate-recognition"


def main(arguments: list[str]) -> None:
    path = Path(os.environ["GH_STATE"])
    state = json.loads(path.read_text()) if path.exists() else {}
    for kind in ("pulls", "comments", "issues", "releases", "labels", "calls"):
        state.setdefault(kind, [])
    state["calls"].append(arguments)
    done = _api(state, arguments[1:]) if arguments[0] == "api" else _command(state, arguments)
    path.write_text(json.dumps(state, indent=1))
    print(done if isinstance(done, str) else json.dumps(done))


def need(scope: str, level: str = "write") -> None:
    granted = os.environ.get("GH_TOKEN", "").split()[1:]
    if f"{scope}:{level}" not in granted and f"{scope}:write" not in granted:
        sys.exit(f"HTTP 403: Resource not accessible by integration ({scope}: {level} is needed)")


def _api(state: dict[str, Any], arguments: list[str]) -> Any:
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("--method", default="GET")
    parser.add_argument("--input")
    parser.add_argument("--field", action="append")
    parser.add_argument("--raw-field", action="append", default=[])
    parser.add_argument("--paginate", action="store_true")
    parser.add_argument("--slurp", action="store_true")
    given = parser.parse_args(arguments)
    body = json.load(sys.stdin) if given.input == "-" else {}
    if given.method == "PUT" and given.address == "repos/{owner}/{repo}/actions/permissions/workflow":
        state["workflow_permissions"] = given.field
        return {}
    if (given.method, given.address) == ("GET", "repos/{owner}/{repo}/pulls"):
        need("pull-requests", "read")
        wanted = dict(field.split("=", 1) for field in given.raw_field)
        assert wanted["state"] == "open"
        return [pull for pull in state["pulls"] if pull["head"].get("label") == wanted["head"]]
    if match := re.fullmatch(r"repos/\{owner\}/\{repo\}/pulls/(\d+)", given.address):
        need("pull-requests", "read")
        found = [pull for pull in state["pulls"] if pull["number"] == int(match[1])]
        return found[0] if found else sys.exit("gh: Not Found (HTTP 404)")
    if match := re.fullmatch(r"repos/\{owner\}/\{repo\}/issues/(\d+)/comments", given.address):
        number = int(match[1])
        if given.method == "GET":
            need("pull-requests", "read")
            # Pages of one, as a long discussion comes.
            return [[comment] for comment in state["comments"] if comment["issue"] == number]
        need("pull-requests")
        comment = {"id": 500 + len(state["comments"]), "issue": number, "user": {"login": BOT}, "body": body["body"]}
        state["comments"].append(comment)
        return comment
    match = re.fullmatch(r"repos/\{owner\}/\{repo\}/issues/comments/(\d+)", given.address)
    if match and given.method == "PATCH":
        need("pull-requests")
        comment = next(c for c in state["comments"] if c["id"] == int(match[1]))
        comment["body"] = body["body"]
        return comment
    sys.exit(f"the stand-in does not know gh api {given.method} {given.address}")


def _command(state: dict[str, Any], arguments: list[str]) -> Any:
    options, names = _options(arguments[2:])
    text = sys.stdin.read() if "-" in (options.get("--body-file"), options.get("--notes-file")) else ""
    command = " ".join(arguments[:2])
    if command == "auth setup-git":
        return ""
    if command == "repo fork":
        project = names[0].split("/")[1]
        subprocess.run(["git", "clone", "--quiet", os.environ["GH_ORIGIN"], project], check=True)
        return ""
    if command == "repo view":
        return REPOSITORY
    if command == "secret set":
        state["secrets"] = [*state.get("secrets", []), [names[0], sys.stdin.read().strip()]]
        return ""
    if command == "pr create":
        need("pull-requests")
        pull = {"number": len(state["pulls"]) + 1, "base": options["--base"], "branch": options["--head"]}
        state["pulls"].append({**pull, "title": options["--title"], "body": text})
        return f"https://github.example/pull/{pull['number']}"
    if command == "label create":
        need("issues")
        state["labels"].append(names[0])
        return ""
    if command == "workflow run":
        need("actions")
        assert os.environ["GH_REPO"] == REPOSITORY  # no clone is here to tell
        fields = [after for word, after in itertools.pairwise(arguments) if word == "--raw-field"]
        started = {"workflow": names[0], "ref": options["--ref"], "inputs": dict(f.split("=", 1) for f in fields)}
        state["started"] = [*state.get("started", []), started]
        return ""
    if command.startswith("issue"):
        return _issue(state, arguments[1], names, options, text)
    if command.startswith("release"):
        return _release(state, arguments[1], names, options, text)
    sys.exit(f"the stand-in does not know gh {command}")


def _issue(state: dict[str, Any], verb: str, names: list[str], options: dict[str, str], text: str) -> Any:
    need("issues", "read" if verb == "list" else "write")
    if verb == "list":
        open_ones = [i for i in state["issues"] if i["open"] and options["--label"] in i["labels"]]
        return [{"number": issue["number"]} for issue in open_ones]
    if verb == "create":
        if options["--label"] not in state["labels"]:
            sys.exit(f"could not add label: '{options['--label']}' not found")
        number = len(state["issues"]) + 1
        issue = {"number": number, "open": True, "labels": [options["--label"]], "title": options["--title"]}
        state["issues"].append({**issue, "body": text})
        return f"https://github.example/issues/{number}"
    issue = next(i for i in state["issues"] if i["number"] == int(names[0]))
    if verb == "edit":
        issue.update(title=options["--title"], body=text)
    elif verb == "close":
        issue.update(open=False, comment=options["--comment"])
    else:
        sys.exit(f"the stand-in does not know gh issue {verb}")
    return ""


def _release(state: dict[str, Any], verb: str, names: list[str], options: dict[str, str], text: str) -> Any:
    need("contents", "read" if verb in ("list", "view") else "write")
    if verb == "list":
        return [{"tagName": release["tag"]} for release in state["releases"]]
    if verb == "create":
        assets = [{"name": Path(name).name, "size": Path(name).stat().st_size} for name in names[1:]]
        release = {"tag": names[0], "title": options["--title"], "notes": text, "assets": assets}
        state["releases"].append(release)
        return f"https://github.example/releases/{names[0]}"
    release = next(r for r in state["releases"] if r["tag"] == names[0])
    if verb == "view":
        return {"assets": release["assets"]}
    if verb == "upload":
        release["assets"] = [{"name": Path(name).name, "size": Path(name).stat().st_size} for name in names[1:]]
        return ""
    sys.exit(f"the stand-in does not know gh release {verb}")


def _options(arguments: list[str]) -> tuple[dict[str, str], list[str]]:
    options, names, rest = {}, [], list(arguments)
    while rest:
        word = rest.pop(0)
        if word in ("--force", "--clobber", "--clone"):
            options[word] = "true"
        elif word.startswith("--"):
            options[word] = rest.pop(0)
        else:
            names.append(word)
    return options, names


if __name__ == "__main__":
    main(sys.argv[1:])
