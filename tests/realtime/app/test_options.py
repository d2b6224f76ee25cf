from __future__ import annotations

from pathlib import Path

import pytest

from realtime.app.cli import parser
from realtime.app.options import Options
from realtime.capture.playback import DEMO_NEUTRAL_AT_S
from realtime.core.errors import UsageError


def config(*options: str | Path) -> Options:
    return Options.of(parser().parse_args([str(option) for option in options]))


def test_a_folder_stands_for_its_videos_in_order(tmp_path: Path) -> None:
    for name in ("b.mp4", "a.MOV", "notes.txt"):
        (tmp_path / name).touch()
    found = config("--replay", tmp_path, tmp_path / "notes.txt")
    assert [file.name for file in found.files] == ["a.MOV", "b.mp4", "notes.txt"]
    assert found.source.replay == found.files[0]
    assert found.of_file(found.files[1]).source.replay == found.files[1]


def test_a_folder_is_read_with_its_folders_on_request(tmp_path: Path) -> None:
    (tmp_path / "later").mkdir()
    for name in ("a.mp4", "later/b.mp4", "._a.mp4"):
        (tmp_path / name).touch()
    flat, deep = config("--replay", tmp_path), config("--replay", tmp_path, "--recursive")
    assert [file.name for file in flat.files] == ["a.mp4"]
    assert [file.name for file in deep.files] == ["a.mp4", "b.mp4"]
    assert "1 hidden file: ._a.mp4; 1 folder (--recursive reads it): later" in flat.left_out
    assert deep.left_out == f"left out of {tmp_path}: 1 hidden file: ._a.mp4"


def test_of_two_folders_both_say_what_is_left_out(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "clip.mp4").touch()
    for name in ("one", "two"):
        (tmp_path / name / "notes.txt").touch()
    found = config("--replay", *(tmp_path / name for name in ("one", "two", "three")))
    assert found.left_out.count("left out of") == 2
    assert len(found.files) == 3


def test_a_folder_without_videos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is empty"):
        config("--replay", tmp_path)
    (tmp_path / "._clip.mp4").touch()
    with pytest.raises(UsageError, match=r"holds no video; left out of .*1 hidden file: \._clip"):
        config("--replay", tmp_path)


def test_records_and_profiles_are_told_apart_by_their_names() -> None:
    found = config(
        "--demo",
        "--record",
        "a.mp4",
        "--record",
        "a.jsonl",
        "--profile",
        "t.json",
        "--profile",
        "r.html",
    )
    assert (found.record, found.video) == (Path("a.jsonl"), Path("a.mp4"))
    assert (found.profile, found.trace, found.report) == (True, Path("t.json"), Path("r.html"))
    plain = config("--demo", "--profile")
    assert (plain.profile, plain.trace, plain.report, plain.record, plain.video) == (
        True,
        None,
        None,
        None,
        None,
    )
    assert not config("--demo").profile


def test_what_a_camera_is_asked_for() -> None:
    found = config("--camera", "1", "--size", "1280x720", "--rate", "60").source
    assert (found.camera, found.size_px, found.hz) == (1, (1280, 720), 60.0)


def test_a_part_of_a_file() -> None:
    cut = config(
        "--demo", "--from", "1:02", "--to", "90s", "--loop", "--speed", "0.5"
    ).source.playback
    assert (cut.from_s, cut.to_s, cut.loop, cut.speed) == (62.0, 90.0, True, 0.5)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--demo", "--size", "640x480"), "--size applies to cameras only"),
        (("--url", "http://host/x", "--rate", "30"), "--rate applies to cameras and files"),
        (("--camera", "0", "--stream", "1"), "--stream applies to files"),
        (("--camera", "0", "--loop"), "need a file"),
        (("--camera", "0", "--from", "2s"), "need a file"),
        (("--demo", "--record", "a.mp4", "--fast"), "needs a picture"),
        (("--demo", "--record", "a.jsonl", "--record", "b.csv"), "names 2 files"),
        (("--demo", "--record", "a.avi"), "want a name that ends in .jsonl, .csv, .mp4"),
        (("--demo", "--profile", "a.txt"), "want a name that ends in .json, .html"),
        (("--demo", "--recursive"), "--recursive reads folders"),
        (("--replay", "a.mp4", "b.mp4", "--loop"), "never reaches the second"),
        (("--replay", "a.mp4", "b.mp4", "--record", "a.csv"), "holds one file's readings"),
    ],
)
def test_what_cannot_go_together_is_refused(options: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        config(*options)


def test_without_serve_there_is_no_web_server() -> None:
    assert config("--demo").web is None


def test_the_web_server_gets_its_options(tmp_path: Path) -> None:
    web = config(
        *("--demo", "--serve", "localhost:8765", "--serve-token", "0123456789abcdef"),
        *("--serve-video", "--serve-cert", tmp_path / "c.pem", "--serve-key", tmp_path / "k.pem"),
    ).web
    assert web is not None
    assert (web.host, web.port, web.token, web.video) == (
        "localhost",
        8765,
        "0123456789abcdef",
        True,
    )
    assert (web.cert, web.key) == (tmp_path / "c.pem", tmp_path / "k.pem")


@pytest.mark.parametrize(
    "options",
    [
        ("--serve-token", "x"),
        ("--serve-video",),
        ("--serve-cert", "c.pem"),
        ("--serve-key", "k.pem"),
    ],
)
def test_options_of_the_web_server_need_it(options: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=f"{options[0]} belongs to the web server"):
        config("--demo", *options)


def test_one_face_is_followed_unless_more_are_asked_for() -> None:
    assert (config("--demo").faces, config("--demo", "--faces", "3").faces) == (1, 3)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--faces", "0"), "--faces is 0; want 1 to 8"),
        (("--faces", "9"), "--faces is 9; want 1 to 8"),
        (("--faces", "2", "--person", "ann"), "--person ann expects one person, and --faces 2"),
    ],
)
def test_faces_that_cannot_be_followed_are_refused(options: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        config("--demo", *options)


def test_the_tour_belongs_to_the_demo() -> None:
    assert config("--demo", "--tour").tour
    assert not config("--demo").tour
    with pytest.raises(UsageError, match="--tour explains the demo clip"):
        config("--camera", "0", "--tour")


def test_guided_use_asks_for_happiness_unless_an_emotion_is_named() -> None:
    assert config("--guide").guide
    assert config("--guide").emotion == "happiness"
    assert config("--guide", "--emotion", "fear", "--replay", "a.mp4").emotion == "fear"
    assert not config("--camera", "0").guide


def test_guided_use_of_the_demo_repeats_the_clip_and_is_offered_on_request_alone() -> None:
    guided = config("--demo", "--guide")
    assert (guided.emotion, guided.source.playback.loop) == ("surprise", True)
    assert guided.guide_hindrance("surprise") == ""
    plain = config("--demo")
    assert not plain.source.playback.loop
    assert plain.guide_hindrance("surprise") == "--demo plays a drawn face"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--demo", "--tour"), "--tour has captions of its own. Leave one out"),
        (("--headless",), "--headless shows nothing. Leave one out"),
        (("--replay", "a.mp4", "--fast"), "--fast leaves no time for the prompts. Leave one out"),
        (("--faces", "2"), "--faces 2 follows several people. Leave one out"),
        (("--record", "-"), "--record - takes the screen. Record to a file"),
        (("--replay", "a.mp4", "b.mp4"), "--replay of 2 files has no single person. Name one file"),
        (("--emotion", "any"), "--emotion any names no emotion to ask for. Use one such"),
        (("--emotion", "all"), "--emotion all names no emotion to ask for. Use one such"),
        (("--emotion", "auto"), "--emotion auto names no emotion to ask for. Use one such"),
    ],
)
def test_guided_use_needs_a_person_a_screen_and_an_emotion(
    options: tuple[str, ...], said: str
) -> None:
    with pytest.raises(UsageError, match=f"--guide leads one person .*{said}") as refused:
        config("--guide", *options)
    assert "\n" not in str(refused.value)


def test_the_user_says_when_the_face_of_a_file_is_at_rest() -> None:
    assert config("--replay", "clip.mp4", "--neutral-at", "1:30").neutral_at_s == 90
    assert config("--replay", "clip.mp4", "--neutral-at", "0").neutral_at_s == 0
    assert config("--replay", "clip.mp4").neutral_at_s is None
    for options in (("--camera", "0"), ("--url", "rtsp://127.0.0.1/"), ()):
        with pytest.raises(UsageError, match="press n while the face is at rest"):
            config(*options, "--neutral-at", "1")
    with pytest.raises(UsageError, match="--neutral-at is 'soon'; want seconds"):
        config("--demo", "--neutral-at", "soon")


@pytest.mark.parametrize("part", [("--from", "3s"), ("--to", "2s"), ("--to", "1s")])
def test_a_time_at_rest_that_is_not_played_is_refused(part: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match="--neutral-at is 2 s, outside the part"):
        config("--replay", "clip.mp4", "--neutral-at", "2s", *part)


def test_the_portrait_of_the_demo_smiles_at_rest() -> None:
    for part in (("--from", "3s"), ("--to", "0.5s")):
        assert config("--demo", *part).neutral_at_s is None
    assert config("--demo").neutral_at_s == DEMO_NEUTRAL_AT_S
    assert config("--demo", "--neutral-at", "2").neutral_at_s == 2
    assert config("--demo", "--person", "ana").neutral_at_s is None


@pytest.mark.parametrize(
    ("options", "repeats"),
    [
        (("--serve", "0"), True),
        (("--serve", "0", "--headless"), True),
        (("--serve", "0", "--fast"), False),
        ((), False),
    ],
)
def test_the_demo_repeats_for_browsers(options: tuple[str, ...], repeats: bool) -> None:
    assert config("--demo", *options).source.playback.loop == repeats
