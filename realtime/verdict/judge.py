"""The verdict stage: one tick in, one reading out. Owned by the recognition thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engines.engine import Progress, no_progress
from realtime.core.labels import ALL, ANY, AUTO
from realtime.core.messages import Estimate, Onset, PersonStatus, State, Tick, ViewQuality, Window
from realtime.core.snapshot import Ghosts, RunVerdict
from realtime.core.tracing import NO_TRACING, RECOGNITION, VERDICT, Tracer
from realtime.recognition.recogniser import RecogniserSet
from realtime.verdict.booster import Score
from realtime.verdict.emotion_classifier import EmotionClassifier, EmotionProbabilities, mixed
from realtime.verdict.emotion_fit import (
    EmotionErrors,
    EmotionSelector,
    best_emotion,
    emotion_mismatches,
    emotion_of,
)
from realtime.verdict.emotion_judge import EmotionJudge
from realtime.verdict.gate import Gate, GateRefusal
from realtime.verdict.known_onsets import KnownOnsets
from realtime.verdict.prototypes import GhostPlayer
from realtime.verdict.reading import Reading


@dataclass(frozen=True, slots=True, eq=False)
class _Movement:
    """What the networks and the emotion classifier make of the movement in a window."""

    estimates: Mapping[str, Estimate]
    errors: Mapping[str, float]
    probabilities: EmotionProbabilities

    @property
    def mismatches(self) -> dict[str, float]:
        """How badly it fits each emotion."""
        return emotion_mismatches(self.errors, self.probabilities)


class Judge:
    """Gate, recognition, features, score and calibration for the selected emotion.

    `judges` are by selectable name, with `any` where `all` or `auto` may be selected. An alias can
    be selected but gets no row under `all`, whose headline reading is that of `any`. `auto` follows
    the emotion that fits best. With an emotion classifier `any` is judged by the scores of all its
    emotions, each with its probability.
    """

    def __init__(
        self,
        emotion: str,
        gate: Gate,
        recognisers: RecogniserSet,
        judges: Mapping[str, EmotionJudge],
        player: GhostPlayer | None = None,
        tracer: Tracer = NO_TRACING,
    ) -> None:
        self._gate, self._recognisers, self._player, self._tracer = (
            gate,
            recognisers,
            player,
            tracer,
        )
        self._judges = dict(judges)
        self._row_names = tuple(name for name, judge in judges.items() if judge.emotion == name)
        # of `auto`, whatever it followed: the average must not change with the emotion
        self._auto_average = next(iter(judges.values())).empty_run_average()
        self._errors, self._selector = EmotionErrors(), EmotionSelector()
        self._expressing = False
        self._person_id = 0
        self._reported: dict[str, None] = {}  # emotions with a reading, in order
        self.show_ghosts = False
        self.known_onsets: KnownOnsets | None = None  # of the bundle, if it has any
        self._classifier: EmotionClassifier | None = None
        self.set_emotion(emotion)

    def use_classifier(self, classifier: EmotionClassifier | None) -> None:
        """Use `classifier`, whose emotions all have judges; None: prediction errors alone."""
        self._classifier = classifier
        self.set_emotion(self.emotion)

    def set_emotion(self, emotion: str) -> None:
        """Judge another emotion from the next tick on: a name of `judges`, `all` or `auto`."""
        self.emotion = emotion
        self._running = self._networks()
        self._end_expression()

    def warm_up(self, progress: Progress = no_progress) -> None:
        """Prepare the engines for the first tick; `progress` receives a line on slow steps."""
        self._recognisers.warm_up(progress)

    def close(self) -> None:
        """Release the engines."""
        self._recognisers.close()

    @property
    def steps(self) -> int:
        """Recognition steps per tick."""
        return self._recognisers.steps

    @steps.setter
    def steps(self, steps: int) -> None:
        """Recognition steps per tick."""
        self._recognisers.steps = steps

    def read(self, tick: Tick) -> Reading:
        """Return the reading of `tick`, with the reason where it has no number."""
        if tick.signal:
            self._set_person(tick.person)
        refusal = self._gate.refuse(tick, self._expressing)
        self._expressing = refusal is None
        if refusal is None and tick.window is not None:
            reading = self._judge_window(tick.window, tick.frame, tick.onset)
        else:
            self._end_expression()
            reading = self._without_number(
                refusal or GateRefusal(State.WARMING_UP, "no window yet")
            )
        self._record(reading)
        rows = tuple(self._with_rank(row, tick.onset) for row in reading.rows)
        return replace(self._with_rank(reading, tick.onset), rows=rows)

    def is_clear_view(self, quality: ViewQuality, psr: float) -> bool:
        """Return whether the view is good enough to learn from. Called by any thread."""
        return not self._gate.poor_view(quality, psr)

    @property
    def bias(self) -> tuple[float, float]:
        """Return the person bias and its expressions; final once recognition has ended."""
        return self._judges[self._headline()].mean_bias

    @property
    def confirmed_bias(self) -> tuple[float, float]:
        """Return the expected person's confirmed bias and its expressions."""
        return self._judges[self._headline()].confirmed_bias

    def run_verdict(self) -> RunVerdict:
        """Return the verdict over the run for the headline emotion, or for all that `auto` read."""
        if self.emotion == AUTO:
            return self._auto_average.verdict()
        return self._judges[self._headline()].run_verdict()

    def run_verdicts(self) -> dict[str, RunVerdict]:
        """Return the verdict over the run for each emotion that had a reading."""
        if not self._reported:
            return {self.emotion: self.run_verdict()}
        return {name: self._judges[name].run_verdict() for name in self._reported}

    def _headline(self) -> str:
        """Return the name of the headline emotion."""
        if self.emotion == AUTO and self._selector.emotion is not None:
            return self._selector.emotion
        return ANY if self.emotion in (ALL, AUTO) else self.emotion

    def _without_number(self, refusal: GateRefusal) -> Reading:
        """Return a reading without a number; `auto` has selected no emotion then."""
        first = AUTO if self.emotion == AUTO else self._headline()
        state, reason, cause = refusal
        rows = (
            tuple(Reading(state, reason, emotion=name, cause=cause) for name in self._row_names)
            if self.emotion == ALL
            else ()
        )
        return Reading(state, reason, emotion=first, rows=rows, cause=cause)

    def _record(self, reading: Reading) -> None:
        """Add the reading to its run average (to `any` while `auto` has selected none)."""
        if self.emotion == AUTO:
            judge = self._judges[ANY if reading.emotion == AUTO else reading.emotion]
            self._auto_average.add(reading.state, judge.log_odds(reading))
        for row in reading.rows or (reading,):
            if row.emotion != AUTO:
                self._reported[row.emotion] = None
            self._judges[ANY if row.emotion == AUTO else row.emotion].record(row)

    def _judge_window(self, window: Window, frame: int, onset: Onset | None) -> Reading:
        with self._tracer.span(RECOGNITION, frame):
            estimates = self._recognisers.tick_subset(window, self._running)
        with self._tracer.span(VERDICT, frame):
            self._errors.add(window, estimates)
            found = _Movement(estimates, self._errors.mean_errors(), self._probabilities(window))
            self._selector.select(found.mismatches)
            for judge in self._judges.values():
                judge.observe(estimates, onset)
            first = self._read(self._headline(), found)
            rows = (
                [self._read(name, found) for name in self._row_names] if self.emotion == ALL else []
            )
            return replace(first, rows=tuple(rows), ghosts=self._ghosts(window))

    def _probabilities(self, window: Window) -> EmotionProbabilities:
        return self._classifier.probabilities(window.motion) if self._classifier else {}

    def _read(self, name: str, found: _Movement) -> Reading:
        judge = self._judges[name]
        score = self._score(judge, found.probabilities)
        p_emotion = found.probabilities.get(judge.emotion)
        reading = replace(judge.read(found.estimates, score), emotion=name, p_emotion=p_emotion)
        error = found.errors.get(judge.emotion)
        best = best_emotion(found.mismatches)
        other = self._gate.other_emotion(judge.emotion, error, best)
        if other:
            state = State.OTHER_EMOTION
            return Reading(
                state,
                other,
                emotion=name,
                prediction_error=error,
                p_emotion=p_emotion,
                pb_position=reading.pb_position,
                estimates=reading.estimates,
                nearest="" if best in (judge.emotion, None) else str(best),
            )
        return replace(reading, prediction_error=error)

    def _score(self, judge: EmotionJudge, probabilities: EmotionProbabilities) -> Score:
        """Return the score of `judge`; of any emotion, that of all emotions by probability."""
        if judge.emotion != ANY or not probabilities:
            return judge.score()
        scores = {emotion: self._judges[emotion].score() for emotion in probabilities}
        return mixed(scores, probabilities)

    def _with_rank(self, reading: Reading, onset: Onset | None) -> Reading:
        """Compare the onset with known ones, where it is judged as one of them."""
        known = self.known_onsets
        if known is None or reading.score is None:
            return reading
        return replace(reading, onset_rank=known.rank(reading.emotion, onset))

    def _ghosts(self, window: Window) -> Ghosts | None:
        prototypes = self._judges[self._headline()].prototypes
        if not self.show_ghosts or self._player is None or prototypes is None:
            return None
        return self._player.ghosts(self._recognisers, prototypes, window)

    def _networks(self) -> frozenset[str]:
        """Return the networks to run: those that are read, and those whose errors are compared."""
        asked = self._row_names if self.emotion in (ALL, AUTO) else (self.emotion,)
        mixes = any(self._judges[name].emotion == ANY for name in asked)
        scored = (*asked, *(self._classifier.emotions if mixes and self._classifier else ()))
        names = {network for name in scored for network in self._judges[name].networks}
        names |= {shown.network for name in asked if (shown := self._judges[name].prototypes)}
        if self.emotion in (ALL, AUTO) or self._gate.prediction_error_max:
            names |= {network for network in self._recognisers.names if emotion_of(network) != ANY}
        return frozenset(names)

    def _set_person(self, person: PersonStatus) -> None:
        """End the expression at a person change, and pass the status to every emotion."""
        if person.person_id != self._person_id:
            self._end_expression()
        self._person_id = person.person_id
        for judge in self._judges.values():
            judge.set_person(person)

    def _end_expression(self) -> None:
        """End the current expression."""
        self._recognisers.reset()
        self._errors.reset()
        self._selector.reset()
        for judge in self._judges.values():
            judge.end_expression()
