"""The page in a real Chromium, with a gauge staged by hand."""

from __future__ import annotations

import re

import pytest
from staged_page import (
    FACE_PX,
    ORIGIN,
    OpenPage,
    StagedGauge,
    answers,
    ghosts,
    rows,
    status,
    text,
    verdict,
)

from realtime.core.messages import State
from realtime.core.snapshot import RunVerdict
from realtime.landmarks.points40 import FACE_LINES
from realtime.view import phrases
from realtime.view.words.catalogue import choose_language

WITHHELD = [state for state in State if not state.has_number]
SIZES = [(320, 640), (390, 844), (800, 600), (1280, 800), (1920, 1080), (3840, 2160)]


def needle_deg(gauge: StagedGauge) -> float:
    turned = gauge.page.locator(".turn").get_attribute("style") or ""
    return float(re.findall(r"rotate\((.*?)deg\)", turned)[0])


def spoken(gauge: StagedGauge) -> list[str]:
    found: list[str] = gauge.page.evaluate("window.spoken")
    return found


def test_it_loads_from_its_own_server_without_an_error(open_page: OpenPage) -> None:
    gauge = open_page("?token=abc")
    gauge.show(State.JUDGING, 0.62)
    assert all(url.startswith(ORIGIN) for url in gauge.requests)
    assert gauge.sockets[0].url == f"{ORIGIN.replace('http', 'ws')}/ws?token=abc"
    assert gauge.errors == []


def test_needle_and_words_say_what_the_verdict_says(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.JUDGING, 0.62)
    assert text(gauge, "percent") == "62"
    assert text(gauge, "tendency") == "○ leans genuine"
    assert text(gauge, "phrase") == phrases.state_phrase(State.JUDGING, "surprise")
    assert needle_deg(gauge) == pytest.approx(180 * 0.62 - 90, abs=0.01)
    assert gauge.page.locator("#dial").get_attribute("aria-label") == (
        "Needle: 62 % genuine, leans genuine"
    )
    gauge.show(State.SETTLED, 0.1249)
    assert text(gauge, "percent") == "12"
    assert text(gauge, "tendency") == "✕ looks fake"
    assert needle_deg(gauge) == pytest.approx(180 * 0.1249 - 90, abs=0.01)


def test_a_withheld_reading_shows_no_number(open_page: OpenPage) -> None:
    gauge = open_page()
    for state in WITHHELD:
        gauge.show(State.JUDGING, 0.62)
        gauge.show(state, None, reason="for this reason")
        seen = gauge.page.locator(".gauge").inner_text() + text(gauge, "so-far")
        assert not re.search(r"\d", seen.replace("50 %", "").replace("6.4 s", "")), state
        assert gauge.page.locator(".dial.withheld").count() == 1
        assert gauge.page.locator(".lit").count() == 0
        assert phrases.state_phrase(state, "surprise") == text(gauge, "tendency")


def test_a_number_that_no_reading_should_have_is_not_shown(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.NEUTRAL, 0.62)
    assert gauge.page.locator("#number").is_hidden()
    assert gauge.page.locator(".dial.withheld").count() == 1


def test_the_answers_are_those_of_the_verdict_shown(open_page: OpenPage) -> None:
    gauge = open_page()
    said = answers(sure="about 6 of ten", shows="a smile", why="more like genuine", better="closer")
    gauge.show(State.JUDGING, 0.62, answers=said)
    for name in ("sure", "shows", "why", "better"):
        assert text(gauge, name) == said[name]
    gauge.send({"type": "verdict", **verdict(200.0, State.NO_FACE)})  # the status comes later
    assert [text(gauge, name) for name in ("sure", "shows", "why", "better")] == [""] * 4
    gauge.send(status(verdict(199.9, State.JUDGING, 0.62), answers=said))  # of the moment before
    assert text(gauge, "sure") == ""


def test_the_answers_go_with_the_connection(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.JUDGING, 0.62, answers=answers(shows="a smile"))
    gauge.wait(1)
    assert text(gauge, "shows") == ""


def test_figures_are_behind_the_key_d(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.JUDGING, 0.62)
    seen = gauge.page.locator("main").inner_text()
    assert not [each for each in ("PB", "PSR", "p50", "dropped", "prediction") if each in seen]
    gauge.page.keyboard.press("d")
    gauge.show(State.JUDGING, 0.62)
    seen = gauge.page.locator("main").inner_text()
    for figure in ("PB path", "PSR", "p50 11 ms", "newer frame 3", "prediction error"):
        assert figure in seen


def test_the_page_is_in_the_language_of_the_gauge(open_page: OpenPage) -> None:
    choose_language("de", {})
    gauge = open_page()
    gauge.show(State.JUDGING, 0.72)
    assert text(gauge, "tendency") == "○ eher echt"
    assert gauge.page.locator("html").get_attribute("lang") == "de"
    assert gauge.page.title() == "Echt oder gespielt?"
    seen = gauge.page.locator("body").inner_text()
    english = ("genuine", "fake", "Last", "Face", "needle", "judged", "Use it", "ghosts")
    assert [word for word in english if word in seen] == []


def test_percentages_and_words_equal_those_of_the_terminal(open_page: OpenPage) -> None:
    gauge = open_page()
    shown = gauge.page.evaluate(
        """async () => {
          const words = await import("/static/words.js");
          return [...Array(10001).keys()].map((n) => words.reading(
            { state: "judging", p_genuine: Number((n / 10000).toFixed(4)) }));
        }"""
    )
    assert shown == [phrases.reading(round(n / 10000, 4)) for n in range(10001)]


@pytest.mark.parametrize("number", [True, False])
@pytest.mark.parametrize("state", ["judging", "uncertain", "neutral"])
def test_the_run_is_named_as_in_the_terminal(open_page: OpenPage, state: str, number: bool) -> None:
    p = None if state == "neutral" else 0.71
    gauge = open_page()
    words = gauge.page.evaluate(
        "async ([run, number]) => (await import('/static/words.js')).runWords(run, number)",
        [{"state": state, "p_genuine": p, "judged_s": 6.4}, number],
    )
    assert words == phrases.run_verdict_phrase(RunVerdict(state, p, 6.4), number=number)


def test_details_are_behind_a_key(open_page: OpenPage) -> None:
    gauge = open_page()
    assert gauge.page.locator("#details").is_hidden()
    gauge.page.keyboard.press("d")
    gauge.show(State.NEUTRAL)
    facts = text(gauge, "facts")
    assert "p50 11 ms, p95 18 ms, p99 24 ms" in facts
    assert "newer frame 3" in facts
    assert "onset" not in facts
    gauge.show(State.JUDGING, 0.7, words={"onset": "0.4 s, held for 1.2 s"})
    assert "0.4 s, held for 1.2 s" in text(gauge, "facts")
    button = gauge.page.locator("#details-switch")
    assert button.get_attribute("aria-expanded") == "true"
    button.click()
    assert gauge.page.locator("#details").is_hidden()


def test_all_emotions_have_a_row_and_the_needle_shows_any(open_page: OpenPage) -> None:
    gauge = open_page()
    readings = rows(101.0, [0.66, None, 0.41, None, 0.78, None, 0.5])
    everything = status(readings[0], rows=readings)
    everything["setting"] = {**everything["setting"], "emotion": "all"}  # type: ignore[dict-item]
    gauge.send(everything)
    gauge.send(*({"type": "verdict", **row, "at_s": 101.1} for row in readings))
    shown = gauge.page.locator("#rows li").all_inner_texts()
    assert [row.split("\n")[0] for row in shown] == [row["emotion"] for row in readings]
    assert "66 % genuine, leans genuine" in shown[0]
    assert "other emotion, fits best" in shown[1]
    assert not re.search(r"\d", shown[1] + shown[3])
    assert text(gauge, "percent") == "66"
    gauge.wait(1)
    assert not re.search(r"\d", text(gauge, "rows"))


def test_a_row_says_how_likely_its_emotion_is_and_the_best_fitting_one_is_marked(
    open_page: OpenPage,
) -> None:
    """The network of anger predicts best, but its probability is rounded to 0 in a record."""
    gauge = open_page()
    readings = rows(101.0, [0.66, None, 0.41, 0.6, 0.78, None, 0.5])
    shares = [None, 0.0, 0.04, 0.92, 0.02, 0.01, 0.01]
    readings = [row | {"p_emotion": p} for row, p in zip(readings, shares, strict=True)]
    gauge.send(status(readings[0], rows=readings))
    shown = gauge.page.locator("#rows li").all_inner_texts()
    assert "likely" not in shown[0]
    assert "other emotion, 0 % likely" in shown[1]
    assert "92 % likely, fits best" in shown[3]
    assert sum("fits best" in row for row in shown) == 1
    gauge.wait(1)
    assert not re.search(r"\d", text(gauge, "rows"))


def test_several_faces_have_a_row_each(open_page: OpenPage) -> None:
    gauge = open_page()
    first, second = verdict(101.0, State.SETTLED, 0.81), verdict(101.0, State.POOR_VIEW)
    faces = [
        {"id": number, "psr": 18.0, "points_px": FACE_PX, "verdict": row}
        for number, row in enumerate((first, second), 1)
    ]
    several = status(first)["setting"] | {"faces": 2}  # type: ignore[operator]
    gauge.send(status(first, faces=faces, setting=several))
    gauge.send({"type": "verdict", **second, "face": 2, "at_s": 101.1})
    shown = gauge.page.locator("#faces li").all_inner_texts()
    assert len(shown) == 2
    assert "81 % genuine" in shown[0]
    assert "poor view" in shown[1]
    assert text(gauge, "percent") == "81"
    assert gauge.page.locator("#face .outline").count() == 2


def test_the_outline_goes_through_the_points_and_ghosts_are_told_apart(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.SETTLED, 0.81, ghosts=ghosts())
    path = gauge.page.locator("#face .outline").get_attribute("d") or ""
    assert path.count("M") == len(FACE_LINES)
    assert gauge.page.locator("#face .ring").count() == 8
    assert (gauge.page.locator("#face .cross").get_attribute("d") or "").count("M") == 8
    assert gauge.page.locator("#ghost-legend").is_visible()
    gauge.show(State.NO_FACE)
    assert gauge.page.locator("#face .outline").count() == 0
    assert gauge.page.locator("#ghost-legend").is_hidden()


def test_the_picture_is_asked_for_only_where_it_is_served(open_page: OpenPage) -> None:
    without = open_page()
    without.show(State.SETTLED, 0.81)
    assert not [url for url in without.requests if "/video" in url]
    served = open_page("?token=abc", video=b"\xff\xd8\xff\xd9")
    served.show(State.SETTLED, 0.81)
    assert [url for url in served.requests if "/video?token=abc" in url]
    served.sockets[-1].close(code=1001)
    served.wait_for_link("ended")
    assert served.page.locator("#video").is_hidden()


def test_history_leaves_a_gap_where_nothing_was_judged(open_page: OpenPage) -> None:
    gauge = open_page()
    states = [*[State.JUDGING] * 20, *[State.NEUTRAL] * 20, *[State.SETTLED] * 20]
    past = [
        {"type": "verdict", **verdict(90 + n / 10, s, 0.7 if s.has_number else None)}
        for n, s in enumerate(states)
    ]
    gauge.send({"type": "history", "verdicts": past})
    line = gauge.page.locator("#history .line").get_attribute("d") or ""
    assert line.count("M") == 2
    assert (gauge.page.locator("#history .pause").get_attribute("d") or "").count("M") == 1


def test_it_speaks_at_a_humane_rate_and_of_changes_only(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.page.evaluate(
        """() => {
          window.spoken = [];
          const region = document.getElementById("speech");
          new MutationObserver(() => window.spoken.push(region.textContent))
            .observe(region, { childList: true, characterData: true, subtree: true });
        }"""
    )
    for step in range(100):
        gauge.show(
            State.JUDGING if step // 10 % 2 else State.NEUTRAL, 0.6 if step // 10 % 2 else None
        )
        gauge.wait(0.1)
    assert 2 <= len(spoken(gauge)) <= 3
    for _ in range(60):
        gauge.show(State.SETTLED, 0.8)
        gauge.wait(0.1)
    assert spoken(gauge)[-1] == "looks genuine, 80 % genuine; the reading has settled"
    before = len(spoken(gauge))
    for _ in range(60):
        gauge.show(State.SETTLED, 0.81)
        gauge.wait(0.1)
    assert len(spoken(gauge)) == before


def test_the_theme_follows_the_system_until_it_is_switched(open_page: OpenPage) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light, dark = open_page(), open_page(color_scheme="dark")
    assert light.page.evaluate(ground) != dark.page.evaluate(ground)
    light.page.get_by_role("button", name="Switch between light and dark").click()
    assert light.page.evaluate(ground) == dark.page.evaluate(ground)
    light.page.reload()
    assert light.page.evaluate(ground) == dark.page.evaluate(ground)


def test_the_kiosk_shows_the_needle_without_a_word(open_page: OpenPage) -> None:
    gauge = open_page("?skin=needle&theme=dark")
    gauge.show(State.SETTLED, 0.83, notice="a note", ghosts=ghosts())
    words = gauge.page.evaluate(
        """() => [...document.querySelectorAll("body *")].filter((element) => {
          const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
          const box = element.getBoundingClientRect();
          return own && box.width > 1 && box.height > 1 && element.checkVisibility();
        }).map((element) => element.outerHTML)"""
    )
    assert words == []
    assert gauge.page.locator("#dial").is_visible()
    assert needle_deg(gauge) == pytest.approx(180 * 0.83 - 90, abs=0.01)


@pytest.mark.parametrize("key", ["q", "r", "t", "d", "n"])
def test_a_keyboard_beside_the_kiosk_does_nothing(open_page: OpenPage, key: str) -> None:
    gauge = open_page("?skin=needle&theme=dark")
    gauge.show(State.SETTLED, 0.83)
    before = gauge.page.evaluate("document.documentElement.outerHTML")
    gauge.page.keyboard.press(key)
    assert gauge.page.evaluate("document.documentElement.outerHTML") == before
    assert not gauge.page.evaluate("document.getElementById('quit').open")
    assert gauge.keys == []


def test_nothing_moves_where_motion_is_to_be_reduced(open_page: OpenPage) -> None:
    duration = "getComputedStyle(document.querySelector('.turn')).transitionDuration"
    assert open_page().page.evaluate(duration) == "0.4s"
    assert open_page(reduced_motion="reduce").page.evaluate(duration) == "0s"


@pytest.mark.parametrize("size", SIZES)
def test_no_screen_scrolls_sideways(open_page: OpenPage, size: tuple[int, int]) -> None:
    gauge = open_page(viewport={"width": size[0], "height": size[1]})
    gauge.show(State.NO_FACE, None, reason="no face found; one below 12 % is too small to be seen")
    assert gauge.page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_a_hostile_text_stays_text(open_page: OpenPage) -> None:
    gauge = open_page()
    gauge.show(State.NO_FACE, None, reason="<img src=x onerror=alert(1)>", notice="<b>no</b>")
    assert text(gauge, "why") == "<img src=x onerror=alert(1)>"
    assert text(gauge, "note") == "<b>no</b>"
    assert gauge.page.locator("#why img").count() == 0
