"""Model card of a bundle: data, accuracy on people held out, limits and uses out of scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from calibrate.evaluation.confounds import confound_lines
from calibrate.evaluation.learning_curve import curve_lines
from calibrate.evaluation.report import Json, lines

NOT_STATED = "not stated"
STATED = ("name", "source", "terms", "recording")  # each an option --data-...
LANDMARKS = "dlib's 68 points, learned on iBUG 300-W, whose terms bar commercial use"
CONTEMPT = "Contempt is missing: the network for any emotion answers for it, and the gauge says so."

HEAD = """# Model card

Data, accuracy and limits of this bundle. Written by `calibrate boost`.

## Data
- Name: {name}. Source: {source}.
- Terms: **{terms}**.
- Recording: {recording}.
- {people} people; emotions: {emotions}.{contempt}
- Landmarks: {landmarks}.

"""

FIGURES = """## Accuracy
People held out ({folds} folds by person), protocol `{protocol}`: the gauge sees 1.6 s around the
apex of a movement and knows the person from {known_clips} other, unlabelled clips unless a row says
otherwise. `pairs` is the share of pairs of a genuine and a fake clip of one person and emotion in
which the genuine one scores higher; the paper's 66.7 % is such a figure.
Command: `calibrate report --data DATA --cross-validate {folds} -o report`.

```
{table}
```

By gender, same run:

{gender}

"""

CONFOUNDS = """## What else tells the label
How well one property of the clips, without any face, tells genuine from fake in this data: 0.5 is
not at all. What was learned may be that property where it is far from 0.5.

{lines}

"""

MORE_DATA = """## More data
{lines}

"""

UNKNOWN = """## Accuracy
Not measured: this bundle was made without a cross-validated report.

"""

LIMITS = """## What it cannot tell
- Whether a person lies, what they feel, or why. It measures how much a movement resembles the
  genuine rather than the fake expressions of this data.
- Anything about a face that shows no expression, is turned away, blurred, dark or covered: it then
  says so and shows no number.
- Much from one short clip of an unknown person: see the row with nothing known. It reads people
  better after a few expressions.
- Part of what it reads is how the head is held relative to the person's neutral pose. Where genuine
  and fake clips were recorded in different settings, this may be the setting; whether it transfers
  to another one is not known.
- Other ages, cultures and medical conditions than those of the data were not tested.
- Who a person is by name. It notices another face, and knows a saved one, by the descriptor of
  dlib's face recognition network, which was trained on other faces than this data's.

## Uses that are out of scope
- Decisions about people: hiring, policing, insurance, credit, borders, custody, teaching, grading.
- In the European Union the AI Act, Article 5(1)(f), bars inferring emotions at the workplace and in
  education, except for medical or safety reasons.
- People who have not agreed to be measured.
- Commercial use: the terms of the landmark file bar it; for the data, see its terms above.
"""


@dataclass(frozen=True, slots=True)
class DataStatement:
    """Provenance of the training data: as stated by who trains, and as its features show."""

    name: str
    source: str
    terms: str
    recording: str
    people: int
    emotions: tuple[str, ...]

    def as_dict(self) -> Json:
        """Return the statement as the manifest holds it."""
        return asdict(self) | {"emotions": list(self.emotions), "landmarks": LANDMARKS}

    def notes(self) -> list[str]:
        """Return a note that names what is not stated, if anything."""
        missing = [name for name in STATED if getattr(self, name) == NOT_STATED]
        options = ", ".join(f"--data-{name}" for name in missing)
        return [f"the bundle will say {NOT_STATED!r} of its data: give {options}"] * bool(missing)


def render_model_card(metrics: Mapping[str, object], data: DataStatement) -> str:
    """Return the card as Markdown, with figures from the `metrics` of a report."""
    head = HEAD.format(
        **{name: getattr(data, name).rstrip(".") for name in STATED},
        people=data.people,
        emotions=", ".join(data.emotions),
        contempt="" if "contempt" in data.emotions else f" {CONTEMPT}",
        landmarks=LANDMARKS,
    )
    return head + (_figures(metrics) if metrics else UNKNOWN) + _further(metrics) + LIMITS


def _further(metrics: Mapping[str, object]) -> str:
    """Return what `calibrate all` adds to a report: confounds and the learning curve."""
    parts = ((CONFOUNDS, "confounds", confound_lines), (MORE_DATA, "learning_curve", curve_lines))
    return "".join(
        text.format(lines="\n".join(f"- {line}" for line in words(dict(_rows(metrics[key])))))
        for text, key, words in parts
        if metrics.get(key)
    )


def _figures(metrics: Mapping[str, object]) -> str:
    gender = metrics["by_gender"]
    rows = [
        f"- {name}: AUC {'undefined' if m['auc'] is None else format(m['auc'], '.3f')}"
        f" on {m['clips']} clips"
        for name, m in _rows(gender)
    ]
    facts = {key: metrics[key] for key in ("folds", "protocol", "known_clips")}
    return FIGURES.format(
        **facts, table="\n".join(lines(metrics)), gender="\n".join(rows) or "- not known"
    )


def _rows(values: object) -> list[tuple[str, Any]]:
    return list(values.items()) if isinstance(values, dict) else []
