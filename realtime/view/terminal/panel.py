"""Layout of the terminal gauge: a pure function from a snapshot and a size to lines of text."""

from __future__ import annotations

from dataclasses import replace
from textwrap import wrap

from rich.console import Group
from rich.text import Text

from realtime.core.messages import Verdict
from realtime.core.snapshot import Snapshot
from realtime.profiling import table
from realtime.view import phrases
from realtime.view.answers import Answers, answers_of
from realtime.view.terminal import big_digits
from realtime.view.terminal.emotion_rows import render_emotion_rows
from realtime.view.terminal.face_rows import render_face_rows
from realtime.view.terminal.history_chart import render_history
from realtime.view.terminal.needle import draw_needle
from realtime.view.terminal.pb_map import pb_plot, pb_strip, pb_trail
from realtime.view.terminal.takes_table import render_takes
from realtime.view.words.catalogue import text

Lines = list[Text]
_MARGIN = 1
_LABEL = 9
_MAP = 72  # columns of the PB map at most
_CHART_ROWS = 5  # at least; the chart grows into unused lines
_PRIORITY = (
    "state",
    "needle",
    "title",
    "caption",
    "takes",
    "faces",
    "keys",
    "answers",
    "rows",
    "profile",
    "details",
    "history",
    "map",
)


def render_panel(snapshot: Snapshot, size: tuple[int, int]) -> Group:
    """Return exactly `size` = (columns, lines) of text; a small terminal drops minor blocks."""
    columns, rows = size
    width = max(20, columns - 2 * _MARGIN)
    blocks = _result(snapshot, width, rows) if snapshot.takes else _blocks(snapshot, width)
    lines = _arrange(blocks, snapshot, width, rows)
    lines += [Text()] * (rows - len(lines))
    return Group(*(_with_margin(line, columns) for line in lines[:rows]))


def _blocks(snapshot: Snapshot, width: int) -> dict[str, Lines]:
    return {
        "title": [_title(snapshot, width)],
        "caption": _caption(snapshot, width),
        "state": state_lines(snapshot, width),
        "needle": draw_needle(snapshot.verdict, width),
        "faces": render_face_rows(snapshot.faces, width),
        "answers": answer_lines(snapshot, width),
        "rows": render_emotion_rows(snapshot.rows, width, figures=snapshot.details),
        "history": [],
        "map": _map(snapshot, width) if snapshot.details else [],
        "profile": _profile(snapshot),
        "details": detail_lines(snapshot, width),
        "keys": [_keys(snapshot, width)],
    }


def _result(snapshot: Snapshot, width: int, rows: int) -> dict[str, Lines]:
    """Return the takes in place of the gauge, which has no take to judge now."""
    head = {"title": [_title(snapshot, width)], "caption": _caption(snapshot, width)}
    keys = [_keys(snapshot, width)]
    left = rows - len(keys) - sum(map(len, head.values()))
    return {**head, "takes": render_takes(snapshot.takes or (), width, left), "keys": keys}


def _caption(snapshot: Snapshot, width: int) -> Lines:
    """Return the caption whole, on as many lines as it needs."""
    return [Text(line, "bold") for line in _wrap(snapshot.caption, width)]


def _map(snapshot: Snapshot, width: int) -> Lines:
    """Return the PB map, empty between expressions, so that the lines around it stay in place."""
    if not _has_positions(snapshot):
        return []
    return pb_plot(pb_trail(snapshot.history), min(width, _MAP))


def _has_positions(snapshot: Snapshot) -> bool:
    return any(verdict.pb_position is not None for verdict in snapshot.history)


def _arrange(blocks: dict[str, Lines], snapshot: Snapshot, width: int, rows: int) -> Lines:
    """Stack the blocks that fit, by priority; unused lines become gaps, then history."""
    shown, spare = set[str](), rows
    for name in _PRIORITY:
        need = _CHART_ROWS if name == "history" and name in blocks else len(blocks.get(name, ()))
        if 0 < need <= spare:
            shown.add(name)
            spare -= need
    if {"map", "details"} <= shown:  # the map says what the strip does
        blocks["details"] = detail_lines(snapshot, width, strip=False)
        spare += 1
    gaps = min(spare, max(0, len(shown) - 1))
    if "history" in shown:
        grown = _CHART_ROWS + (spare - gaps) // 2 * 2
        blocks["history"] = render_history(
            snapshot.history, width, grown, 2 * snapshot.setting.stride_s
        )
    return _stack([blocks[name] for name in blocks if name in shown], gaps)


def _stack(blocks: list[Lines], gaps: int) -> Lines:
    lines: Lines = []
    for number, block in enumerate(blocks):
        lines += [*([Text()] if 0 < number <= gaps else []), *block]
    return lines


def _with_margin(line: Text, columns: int) -> Text:
    padded = Text(" " * _MARGIN, no_wrap=True, overflow="ellipsis").append_text(line)
    padded.truncate(columns, overflow="ellipsis", pad=True)
    return padded


def _title(snapshot: Snapshot, width: int) -> Text:
    subject = phrases.subject(snapshot.setting.emotion, snapshot.verdict, snapshot.faces)
    source = phrases.clean(snapshot.setting.source)
    title = Text().append(f"{text('title')} ", "bold").append(subject, "bold underline")
    if snapshot.recording:
        title.append(f"  ● {text('recording')}", "bold")
    room = width - title.cell_len - 2
    end = Text(f"{source}, {snapshot.source_format}" if snapshot.source_format else source, "dim")
    end.truncate(max(0, room), overflow="ellipsis")
    return title.append(" " * max(2, width - title.cell_len - end.cell_len)).append_text(end)


def state_lines(snapshot: Snapshot, width: int) -> Lines:
    """Return the headline: filled badge, tall number and how sure it is; or empty badge and why."""
    verdict, answers = snapshot.verdict, answers_of(snapshot)
    if verdict is None:
        badge = _badge(f"○ {text('name.waiting')}", "reverse")
        return [badge.append(f"  {answers.headline}"), Text(), Text()]
    if verdict.p_genuine is None:
        head = _badge(f"○ {_name(verdict)}", "reverse").append(f"  {answers.headline}", "bold")
        repeated = answers.why == answers.headline
        lines = [] if repeated else _wrap(answers.why, width)[:2]
        return [head, *(Text(line, "italic") for line in lines), *[Text()] * (2 - len(lines))]
    return _judged_lines(verdict, verdict.p_genuine, answers, width)


def _wrap(line: str, width: int) -> list[str]:
    """Wrap between words; 50 % is one word."""
    return [each.replace("\xa0", " ") for each in wrap(line.replace(" %", "\xa0%"), width)]


def _judged_lines(verdict: Verdict, p: float, answers: Answers, width: int) -> Lines:
    colour = phrases.colour(p)
    head = _badge(f"● {_name(verdict)}", f"bold reverse {colour}")
    head.append(f"  {answers.headline}", f"bold {colour}")
    rows = [head, Text(answers.sure), Text(phrases.state_phrase(verdict.state, verdict.emotion))]
    digits, unit = big_digits.big_digit_rows(phrases.percent(p)), text("side.genuine")
    room = width - len(digits[0]) - len(f"  {unit}")
    if room < head.cell_len:  # the needle below has the number, too
        return rows
    for row, digit_row, name in zip(rows, digits, ("", "", unit), strict=True):
        row.truncate(room, overflow="ellipsis", pad=True)
        row.append(f" {digit_row} {name:<{len(unit)}}", colour)
    return rows


def _badge(text: str, style: str) -> Text:
    return Text().append(f" {text} ", style)


def _name(verdict: Verdict) -> str:
    return phrases.state_name(verdict.state).upper()


def answer_lines(snapshot: Snapshot, width: int) -> Lines:
    """Return what the face shows, why a reading is as it is, and what would help.

    There are always three lines, so that those below stay in place. With details, actions of the
    face have their percentages.
    """
    answers, verdict, landmarks = answers_of(snapshot), snapshot.verdict, snapshot.landmarks
    if snapshot.details and landmarks is not None and landmarks.expression is not None:
        answers = replace(answers, shows=phrases.expression_line(landmarks.expression))
    judged = verdict is not None and verdict.p_genuine is not None
    rows = {"label.shows": answers.shows, "label.better": answers.better, "label.why": answers.why}
    if not judged:  # the reason is below the headline
        del rows["label.why"]
    lines = [_labelled(label, line, width) for label, line in rows.items()]
    return [*lines, *[Text()] * (len(rows) < 3)]


def detail_lines(snapshot: Snapshot, width: int, strip: bool = True) -> Lines:
    """Return labelled lines: verdict so far, person and note; with details all figures.

    The figures are the PB if `strip`, face and view, speed, frames, engine.
    """
    rows = {"so_far": _run_verdict(snapshot)}
    if snapshot.details:
        rows |= _figures(snapshot, strip=strip)
    if snapshot.person is not None:
        rows["person"] = phrases.person_line(snapshot.person, snapshot.setting.person)
    if snapshot.notice:
        rows["note"] = phrases.clean(snapshot.notice)
    lines = {name: _labelled(f"label.{name}", row, width) for name, row in rows.items()}
    if "PB" in lines:
        lines["PB"].append_text(pb_strip(pb_trail(snapshot.history), width - _LABEL))
    return list(lines.values())


def _labelled(label: str, line: str, width: int) -> Text:
    row = Text().append(text(label).ljust(_LABEL), "dim").append(line)
    row.truncate(width, overflow="ellipsis")
    return row


def _figures(snapshot: Snapshot, *, strip: bool) -> dict[str, str]:
    """Return the figures by label."""
    verdict, landmarks = snapshot.verdict, snapshot.landmarks
    rows = {"reason": "" if verdict is None else phrases.reason(verdict)}
    if strip and _has_positions(snapshot):
        rows["PB"] = ""
    rows |= {
        "face": text("none") if snapshot.face is None else phrases.tracking_line(snapshot.face),
        "view": text("none") if landmarks is None else phrases.view_quality_line(landmarks.quality),
        "onset": _onset(snapshot),
        "speed": _speed(snapshot),
        "frames": phrases.clean(phrases.frames_line(snapshot.counts)),
        "engine": _engine(snapshot),
    }
    return rows


def _profile(snapshot: Snapshot) -> Lines:
    if snapshot.profile is None:
        return []
    lines = [*table.table_lines(snapshot.profile), table.hints(snapshot.profile)[0]]
    return [Text(line, "dim" if number == 0 else "") for number, line in enumerate(lines)]


def _run_verdict(snapshot: Snapshot) -> str:
    """Return the run's verdict; without a current reading it shows no number."""
    if snapshot.run_verdict is None:
        return text("nothing_judged")
    judged = snapshot.verdict is not None and snapshot.verdict.p_genuine is not None
    return phrases.run_verdict_phrase(snapshot.run_verdict, number=judged)


def _onset(snapshot: Snapshot) -> str:
    """Return how the expression began; "none" keeps the line's place between expressions."""
    line = "" if snapshot.verdict is None else phrases.onset_line(snapshot.verdict)
    return line or text("none")


def _speed(snapshot: Snapshot) -> str:
    rates, ages = snapshot.rates, snapshot.ages
    fps = text("speed", captured=f"{rates.captured_hz:.1f}", processed=f"{rates.processed_hz:.1f}")
    if ages is None:
        return fps
    return f"{fps}; {text('speed.age', p50=f'{ages.p50:.0f}', p95=f'{ages.p95:.0f}')}"


def _engine(snapshot: Snapshot) -> str:
    setting = snapshot.setting
    timing = text("engine.timing", window=f"{setting.window_s:g}", stride=f"{setting.stride_s:g}")
    return f"{phrases.engine(setting)}, {timing}"


def _keys(snapshot: Snapshot, width: int) -> Text:
    """Return the keys and their meaning, as many as fit; close together in a narrow terminal."""
    meanings = phrases.key_meanings(guide=snapshot.guide_offered)
    wide = sum(len(f" {key}  {meaning}  ") for key, meaning in meanings) - 2
    gap = "  " if wide <= width else " "
    line = Text()
    for key, meaning in meanings:
        if line.cell_len + len(f" {key}  {meaning}") > width:
            break
        line.append(f" {key} ", "reverse").append(f" {meaning}{gap}", "dim")
    line.rstrip()
    return line
