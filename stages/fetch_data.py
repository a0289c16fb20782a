"""Bring the sources of params.yaml into one checked data set with splits."""

from __future__ import annotations

from lpr.base.stage_lock import run
from lpr.fetching.build import build_dataset
from lpr.fetching.truth import check_truth, explain_truth
from lpr.records.params import load_params


def main() -> None:
    params = load_params()
    metrics = build_dataset(params.fetch_data, params.seed)
    for source, splits in metrics["cut_off"].items():
        print(f"{source}: gives no {' and no '.join(splits)} split; cut off from its train by groups")
    for name, source in metrics["sources"].items():
        lost = source["rejected"]["entries"]
        print(f"{name}: {_line(source['total'])}; {lost} of {source['entries']} entries rejected")
    for split, counts in metrics["splits"].items():
        print(f"  {split}: {_line(counts)}")
    print("what these data can do:")
    for line in explain_truth(metrics["truth"]):
        print(f"  {line}")
    check_truth(metrics["truth"])
    print("data/ is complete; what was rejected is in results/fetch_data/rejected.csv, samples.jpg shows some of it")


def _line(counts: dict[str, int]) -> str:
    return (
        f"{counts['photos']} photos, {counts['crops']} crops, {counts['plates']} plates, "
        f"{counts['with_text']} with text ({counts['two_line']} two-line)"
    )


if __name__ == "__main__":
    run("fetch_data", main, "results/fetch_data/.*-*")
