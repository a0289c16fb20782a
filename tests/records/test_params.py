from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from lpr.base.errors import LprError
from lpr.records.params import load_params, parse_params

ROOT = Path(__file__).parents[2]


@pytest.fixture
def value() -> dict[str, Any]:
    return copy.deepcopy(yaml.safe_load((ROOT / "params.yaml").read_text()))


def refusal(value: Any) -> str:
    with pytest.raises(LprError) as caught:
        parse_params(value, "params.yaml")
    return str(caught.value)


def test_the_committed_parameters_are_valid_and_frozen() -> None:
    params = load_params(ROOT / "params.yaml")
    with pytest.raises(ValueError, match="frozen"):
        params.train.lr = 1.0  # type: ignore[misc]


def test_an_unknown_key_is_named(value: dict[str, Any]) -> None:
    value["train"]["batchsize"] = 16
    assert refusal(value) == "params.yaml: train.batchsize: unknown key"


def test_a_missing_key_is_named(value: dict[str, Any]) -> None:
    del value["gates"]["end_to_end"]
    assert refusal(value) == "params.yaml: gates.end_to_end: missing"


def test_a_wrong_value_is_named_with_what_is_allowed(value: dict[str, Any]) -> None:
    value["train"]["device"] = "gpu"
    value["train"]["batch_size"] = 0
    value["publish"]["version"] = "v1234567890.0"  # more digits than records of versions take
    message = refusal(value)
    assert "publish.version is 'v1234567890.0': " in message
    assert "train.device is 'gpu': input should be 'auto', 'cpu' or 'cuda'" in message
    assert "train.batch_size is 0: input should be greater than or equal to 1" in message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "path"}, "a path source needs path"),
        ({"kind": "path", "path": "x", "photos": 3}, "a path source has no photos"),
        ({"kind": "kaggle"}, "a kaggle source needs dataset"),
        ({"kind": "synthetic", "photos": 1}, "a synthetic source needs crops, style"),
        ({"kind": "path", "path": "x", "fonts": "y"}, "a path source has no fonts"),
    ],
)
def test_a_sources_fields_fit_its_kind(value: dict[str, Any], change: dict[str, Any], message: str) -> None:
    value["fetch_data"]["sources"] = [{"name": "mine", "use": "both", **change}]
    assert message in refusal(value)


def test_two_sources_of_one_name_are_refused(value: dict[str, Any]) -> None:
    value["fetch_data"]["sources"] *= 2
    assert "two sources are named rendered" in refusal(value)


def test_shares_must_add_up(value: dict[str, Any]) -> None:
    value["fetch_data"]["shares"]["train"] = 0.5
    assert "add up to 1" in refusal(value)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "train: [", "\x00", "a: 2001-99-99", "a: !!int x", "[" * 100_000, "a: " + "9" * 5000, "1: &a [*a]"],
)
def test_other_files_are_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(LprError, match=r"params\.yaml"):
        load_params(path)


def test_a_folder_in_its_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(LprError, match="not readable as YAML"):
        load_params(tmp_path)


def test_errors_stay_short_whatever_stands_there(value: dict[str, Any]) -> None:
    value["train"]["device"] = "A" * 100_000
    value["ocr"] = [[["x"] * 1000] * 100] * 100
    value.update({f"key{number}": 1 for number in range(1000)})
    message = refusal(value)
    assert len(message) < 10_000 and message.endswith("params.yaml: 982 more")
    assert "train.device is 'AAAA" in message and "AAAA': input should be" in message


@pytest.mark.parametrize("key", ["max_megapixels", "limit"])
def test_numbers_that_nothing_can_count_to_are_refused(value: dict[str, Any], key: str) -> None:
    section = value["fetch_data"] if key != "limit" else value["fetch_data"]["sources"][0]
    section[key] = 1e308 if key != "limit" else 2**63
    assert f"{key} is" in refusal(value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LprError, match="no such file"):
        load_params(tmp_path / "params.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "me/plates",
        "https://www.kaggle.com/datasets/me/plates",
        "kaggle.com/datasets/me/plates/data?select=a.csv",
        " https://kaggle.com/me/plates/ ",
    ],
)
def test_a_dataset_to_publish_to_may_be_the_address_of_its_page(value: dict[str, Any], text: str) -> None:
    value["publish"]["dataset"] = text
    assert parse_params(value, "params.yaml").publish.dataset == "me/plates"


@pytest.mark.parametrize("text", ["plates", "me/plates/3", "https://www.kaggle.com/code/me/plates", "https://x.org/me/a"])
def test_what_is_no_dataset_is_refused_with_a_hint(value: dict[str, Any], text: str) -> None:
    value["publish"]["dataset"] = text
    message = refusal(value)
    assert f"publish.dataset is '{text}'" in message
    assert "write OWNER/NAME, or the address of its page" in message
