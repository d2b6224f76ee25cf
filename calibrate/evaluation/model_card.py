"""Model card of a bundle: data, accuracy on people held out, limits and uses out of scope."""

from __future__ import annotations

from collections.abc import Mapping

from calibrate.evaluation.report import Json, lines

DATA = {
    "name": "PEDFE, development half (42 of 56 people)",
    "source": "Miolla, Cardaioli, Scarpazza: Padova Emotional Dataset of Facial Expressions, "
    "Behavior Research Methods 55 (2023)",
    "terms": "research use; check the data's terms",
    "landmarks": "dlib's 68 points, learned on iBUG 300-W, whose terms bar commercial use",
}

HEAD = """# Model card

Data, accuracy and limits of the packaged bundle. Written by `calibrate boost`.

## Data
- {name}. {source}. Terms: **{terms}**.
- {landmarks}.
- Genuine expressions were elicited, fake ones posed on request, by young adults in a laboratory in
  Padova. Contempt is missing: the network for any emotion answers for it, and the gauge says so.

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

UNKNOWN = """## Accuracy
Not measured: this bundle was made without a cross-validated report.

"""

LIMITS = """## What it cannot tell
- Whether a person lies, what they feel, or why. It measures how much a movement resembles elicited
  rather than posed expressions of this data.
- Anything about a face that shows no expression, is turned away, blurred, dark or covered: it then
  says so and shows no number.
- Much from one short clip of an unknown person: see the row with nothing known. It reads people
  better after a few expressions.
- Part of what it reads is how the head is held relative to the person's neutral pose. In the data
  people watched films for the genuine clips and posed for a camera otherwise; whether that
  transfers to another setting is not known.
- Other ages, cultures and medical conditions than those of the data were not tested.
- Who a person is. Within one run it notices another face by directions along which the faces of
  this data differ (Fisherfaces of crops 24 pixels wide; no picture of a person is kept); from one
  day to the next by the proportions of the face alone, which is often wrong.

## Uses that are out of scope
- Decisions about people: hiring, policing, insurance, credit, borders, custody, teaching, grading.
- In the European Union the AI Act, Article 5(1)(f), bars inferring emotions at the workplace and in
  education, except for medical or safety reasons.
- People who have not agreed to be measured.
- Commercial use: the terms of the data and of the landmark file bar it for this bundle.
"""


def render_model_card(metrics: Mapping[str, object]) -> str:
    """Return the card as Markdown, with figures from the `metrics` of a report."""
    return HEAD.format(**DATA) + (_figures(metrics) if metrics else UNKNOWN) + LIMITS


def _figures(metrics: Mapping[str, object]) -> str:
    gender = metrics["by_gender"]
    rows = [f"- {name}: AUC {m['auc']:.3f} on {m['clips']} clips" for name, m in _rows(gender)]
    facts = {key: metrics[key] for key in ("folds", "protocol", "known_clips")}
    return FIGURES.format(
        **facts, table="\n".join(lines(metrics)), gender="\n".join(rows) or "- not known"
    )


def _rows(values: object) -> list[tuple[str, Json]]:
    return list(values.items()) if isinstance(values, dict) else []
