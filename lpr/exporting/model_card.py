"""The model card, README.md of the bundle (Mitchell et al. 2019, "Model Cards for Model Reporting")."""

from __future__ import annotations

from dataclasses import dataclass

import jinja2

from lpr.records.metadata import TrainingMetadata

_TEMPLATE = """\
# License plate models

Two small networks that find license plates in photos and read them.

| file | what | input | output |
|---|---|---|---|
| `detector.onnx`, `detector.pt` | plate detector | `(B, 3, 224, 224)` float RGB in [0, 1] | `best` (B, 5) and \
`candidates` (B, N, 5): `[x, y, w, h, confidence]`, box in fractions of the input from the top left; `corners` \
(B, N, 8): those of the candidates, `[x, y]` x 4, clockwise from the top left of the plate as it is read |
| `ocr.onnx`, `ocr.pt` | plate reader | `(B, 3, 32, 128)` float RGB in [0, 1] | `logits` (B, T, 36): log-odds of \
`{{ record.alphabet }}` against "no character", decoded by CTC |
| `training_metadata.json` | where the models come from | | |

The `.onnx` files need ONNX Runtime alone, take any batch size, and carry their settings in their metadata. The `.pt`
files open with `torch.load(path, weights_only=True)`.

```python
from lpr import LicensePlateRecognizer

for plate in LicensePlateRecognizer("folder/of/these/files").read("photo.jpg"):
    print(plate.text, plate.confidence, plate.box)
```

## Intended use

Reading plates of vehicles in photos, where the law and the people concerned allow it. A plate can lead to a person:
whoever keeps readings needs a lawful basis, and should keep no more and no longer than needed. Not for decisions about
people without a human who checks the photo.

## Training data

| source | kind | licence | use | photos | crops | with text |
|---|---|---|---|---|---|---|
{% for source in record.data.sources -%}
| {{ source.name }} | {{ source.kind }} | {{ source.licence }} | {{ source.use }} \
| {{ source.splits.train.photos }} | {{ source.splits.train.crops }} | {{ source.splits.train.with_text }} |
{% endfor %}
Counts are of the training split. Fingerprint of the data: `{{ record.data.fingerprint }}`.
{% for model in shipped %}{% set training = record.training[model] %}
The {{ model }} was not trained on them, since they hold nothing for it. It is the one that travels with the code, as \
it is: `{{ training.shipped.file }}`, SHA-256 `{{ training.start_sha256 }}`, exported \
{{ training.shipped.training_date[:10] }} by commit `{{ training.shipped.git_commit }}`, trained on \
{% for source in training.shipped.sources %}{{ source.name }} ({{ source.licence }}){{ "; " if not loop.last }}\
{% endfor %}.
{% endfor %}
## Metrics
{% if test %}
Measured by `lpr evaluate` with these files on {{ test.on }}. Brackets are 95% Wilson intervals.

| figure | value |
|---|---|
{% for name, value in test.figures -%}
| {{ name }} | {{ value }} |
{% endfor %}
Characters that most often go wrong end to end: {{ test.errors | join(", ") or "none" }}.

Best validation metrics of the trainings:
{% else %}
Best validation metrics of the trainings. Accuracy on the test split, with its interval, is in the report of the
evaluation and in the message of the published version.
{% endif %}
| model | metric | value |
|---|---|---|
{% for model, metrics in record.metrics.items() -%}
{% for metric, value in metrics.items() if value is number -%}
| {{ model }}{{ " (shipped, on its own data)" if model in shipped }} | {{ metric }} | {{ "%.4g" | format(value) }} |
{% endfor -%}
{% endfor %}
## Limits

- Latin capital letters and digits alone. Other scripts are not read, letters with marks as plain ones at best.
- A plate is best at least 60 pixels wide. Smaller, blurred, dirty or strongly turned ones are missed or misread.
- O and 0, and I and 1, look alike on many plates; the models have no rules of any country to tell them apart.
- Confidence is that of the least certain character. How well it is calibrated, the evaluation's report shows.
- Countries, fonts and cameras that the data do not hold may do worse than the metrics say.
{% if synthetic %}
These models have seen rendered plates only. Train on photographs before relying on them for photographs.
{% endif %}
{% if test -%}
## Where they come from

Commit `{{ record.git_commit or "unknown" }}`\
{{ ", with changes that were not committed" if record.git_dirty else "" }}; exported {{ record.training_date[:10] }}; \
seed {{ record.parameters.seed }}; trained on {{ record.device }} with torch {{ record.pytorch_version }}; \
{% for name, version in record.versions.items() %}{{ name }} {{ version }}{{ ", " if not loop.last }}\
{% endfor %}. Every parameter and each file's SHA-256 is in `training_metadata.json`.

{% if notes -%}
{{ notes }}

{% endif -%}
{% endif -%}
## Licence

The code and these weights: MIT. The data keep their own licences, given above.
"""


@dataclass(frozen=True)
class Measurement:
    """What an evaluation says of the models: on what, `(name, value)` of its figures, and the commonest errors."""

    on: str
    figures: tuple[tuple[str, str], ...]
    errors: tuple[str, ...]


def model_card(record: TrainingMetadata, test: Measurement | None = None, notes: str = "") -> str:
    """Return the model card in Markdown.

    Args:
        record: of the bundle.
        test: an evaluation of the models, None where there is none yet: the card then holds neither date nor commit, so
            that the same training gives the same card.
        notes: further sections in Markdown, for a card with an evaluation.
    """
    environment = jinja2.Environment(undefined=jinja2.ChainableUndefined, autoescape=False, keep_trailing_newline=True)
    shipped = record.shipped_models()
    synthetic = not shipped and all(source.kind == "synthetic" for source in record.data.sources)
    return environment.from_string(_TEMPLATE).render(
        record=record, synthetic=synthetic, shipped=shipped, test=test, notes=notes
    )
