"""The model card: what a bundle was learned on, how well it reads strangers, what it must not be used for."""

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

What the packaged bundle was learned on, how well it does, and what it cannot do. Written by `calibrate boost`.

## Data
- {name}. {source}. Terms: **{terms}**.
- {landmarks}.
- Genuine expressions there were elicited, fake ones posed on request, by young adults in a laboratory in Padova.
  Contempt is missing: the gauge answers for it with the network for any emotion and says so.

"""

FIGURES = """## How well it does
People held out ({folds} folds, no person in two), protocol `{protocol}`: the gauge sees 1.6 s around the apex of a
movement, and knows the person from {known_clips} other, unlabelled clips unless a row says otherwise. `pairs` is how
often, of a genuine and a fake clip of one person and emotion, the genuine one scores higher: the paper's 66.7 % is such
a figure. Command: `calibrate report --data DATA --cross-validate {folds} -o report`.

```
{table}
```

By gender, same run:

{gender}

"""

UNKNOWN = """## How well it does
Not measured: this bundle was made without a cross-validated report.

"""

LIMITS = """## What it cannot tell
- Whether somebody lies, what they feel, or why. It tells how much a movement resembles elicited rather than posed
  expressions of this data.
- Anything of a face that shows no expression, is turned away, blurred, dark or covered: it then says so and shows no
  number.
- Much from one short clip of a stranger: see the row with nothing known. It reads people better once it has watched
  them.
- Part of what it reads is how the head is held against the person's usual pose. In the data people watched films for
  the genuine clips and posed for a camera otherwise; whether that travels to another setting is not known.
- Other ages, cultures and medical conditions than the data's were not tested.
- Who somebody is. Within one run it tells that another face sits there, by directions along which the faces of this
  data differ (Fisherfaces of patches 24 pixels wide; no picture of anybody); from one day to the next by proportions
  alone, which is often wrong.

## Who must not use it for what
- Not for decisions about people: hiring, policing, insurance, credit, borders, custody, teaching or grading.
- In the European Union the AI Act, Article 5(1)(f), bars inferring emotions at the workplace and in education, but
  for medical or safety reasons.
- Nobody should be measured who did not agree to it.
- The data's terms and the landmark file's terms bar commercial use of this bundle.
"""


def model_card(metrics: Mapping[str, object]) -> str:
    """The card as Markdown, its figures taken from a report's `metrics`."""
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
