"""A near miss on the command line is answered with the call that was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime.app.cli import main
from realtime.app.suggestions import NEAR_WORDS, check_emotion, option_for
from realtime.core.errors import UsageError

EMOTIONS = ("any", "anger", "disgust", "fear", "happiness", "sadness", "surprise")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (("clip.mp4",), "clip.mp4 needs an option. Run: realtime --replay clip.mp4"),
        (("a b.mp4", "c.mp4", "--headless"), "Run: realtime --replay 'a b.mp4' c.mp4 --headless"),
        (
            ("--emotion", "happiness", "clip.mp4"),
            "Run: realtime --replay clip.mp4 --emotion happiness",
        ),
        (("0",), "Run: realtime --camera 0"),
        (("/dev/video2",), "Run: realtime --camera /dev/video2"),
        (("rtsp://host/live",), "Run: realtime --url rtsp://host/live"),
        (("rtsp://me:secret@host/live",), "realtime --url rtsp://...@host/live"),
        (("happy",), "Run: realtime --emotion happy"),
        (("clip.mp4", "--demo"), "Choose one source, such as --replay clip.mp4"),
        (("--emotions", "fear"), "there is no option --emotions. Did you mean --emotion?"),
        (("--qqq",), "there is no option --qqq. See realtime --help"),
        (("--replay", "https://host/x.mp4"), "--replay takes files. Use --url https://host/x.mp4"),
        (("--replay", "rtsp://me:secret@host/x"), "Use --url rtsp://...@host/x"),
        (("--url", "clip.mp4"), "--url takes an address. Use --replay clip.mp4"),
        (("--url", "/clips/CLIP.MTS"), "Use --replay /clips/CLIP.MTS"),
        (("--camera", "0", "--recursive"), "--recursive reads folders. Use it with --replay"),
        (("--demo", "--emotion", "Happy"), "no emotion 'Happy'. Use --emotion happiness"),
        (("--demo", "--emotion", "SURPRISE"), "no emotion 'SURPRISE'. Use --emotion surprise"),
        (("--demo", "--from", "5s", "--to", "2s"), "--from 5 s is not before --to 2 s"),
        (("--demo", "--to", "0s"), "--to is 0 s"),
        (("--demo", "--from", "1,5"), "--from is '1,5'; want seconds such as 12s or 1.5s"),
    ],
)
def test_the_right_call_is_in_the_answer(
    call: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*call, "--yes"]) == 2
    line = capsys.readouterr().err
    assert said in line.replace(" --yes", "")
    assert "secret" not in line
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [("happy", "happiness"), ("Sad", "sadness"), ("ANGRY", "anger"), (" fear ", "fear")],
)
def test_near_words_lead_to_the_emotion(asked: str, wanted: str) -> None:
    with pytest.raises(UsageError, match=f"Use --emotion {wanted}$"):
        check_emotion(asked, EMOTIONS)


def test_a_word_of_the_bundle_is_never_a_near_miss() -> None:
    check_emotion("Happy", ("any", "Happy"))
    for emotion in NEAR_WORDS:
        check_emotion(emotion, ("any",))


def test_other_words_are_left_to_the_bundle() -> None:
    check_emotion("envy", EMOTIONS)


def test_each_near_word_has_one_meaning() -> None:
    words = [word for near in NEAR_WORDS.values() for word in near]
    assert len(set(words)) == len(words)
    assert NEAR_WORDS.keys().isdisjoint(words)


@pytest.mark.parametrize(
    ("text", "option"),
    [("1", "--camera"), ("http://h", "--url"), ("Sad", "--emotion"), ("sad.mp4", "--replay")],
)
def test_an_argument_tells_its_option(text: str, option: str) -> None:
    assert option_for(text) == option
