"""The judge of one emotion: features, score and calibrated probability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from realtime.core.messages import Cause, Estimate, Floats, Onset, PersonStatus, State
from realtime.core.snapshot import RunVerdict
from realtime.verdict.booster import Score, ScoreModel
from realtime.verdict.calibration import CalibrationByExperience, PlattScaling
from realtime.verdict.features import FeatureExtractor
from realtime.verdict.prototypes import Prototypes
from realtime.verdict.reading import Reading
from realtime.verdict.run_average import RunAverage

NEAR_HALF = "too close to 50 %"  # the reason of a reading within the abstain margin


class EmotionJudge:
    """Judge movement as one emotion from the estimates of its `networks`.

    Each tick: `set_person`, `observe`, `score`, `read`, `record`; `end_expression` after the last
    tick of an expression. `prototypes` belong to the network behind the PB map and the ghosts; None
    in a bundle without. Owned by the recognition thread.
    """

    def __init__(
        self,
        emotion: str,
        networks: tuple[str, ...],
        features: FeatureExtractor,
        booster: ScoreModel,
        calibration: CalibrationByExperience | PlattScaling,
        stride_s: float,
        prototypes: Prototypes | None = None,
    ) -> None:
        self.emotion, self.networks, self.prototypes = emotion, networks, prototypes
        self._features, self._booster = features, booster
        self._calibrations = (
            calibration
            if isinstance(calibration, CalibrationByExperience)
            else CalibrationByExperience(((0, calibration),))
        )
        self._calibration = self._calibrations.at(0)
        self._stride_s = stride_s
        self._run_average = self.empty_run_average()  # of log odds, which are calibrated already
        self._inputs: Floats | None = None
        self._person = PersonStatus()
        self._expression = 0  # number of the current expression

    @property
    def bias(self) -> float:
        """Return the shrunk person bias."""
        return self._features.bias.shrunk

    @property
    def mean_bias(self) -> tuple[float, float]:
        """Return the mean log odds of the person and its number of expressions."""
        return self._features.bias.mean

    @property
    def confirmed_bias(self) -> tuple[float, float]:
        """Return the expected person's confirmed bias and its number of expressions."""
        return self._features.bias.confirmed

    def set_person(self, person: PersonStatus) -> None:
        """Switch to `person`, as tracked at this tick; every tick calls this before `observe`."""
        bias = self._features.bias
        if person.person_id != self._person.person_id:
            self.end_expression()
            bias.reset(expected=person.is_expected)
        if person.is_expected:
            bias.confirm(person.confirmed_expressions)
        self._person = person
        self._calibration = self._calibrations.at(person.known_expressions, person.is_expected)

    def observe(self, estimates: Mapping[str, Estimate], onset: Onset | None = None) -> None:
        """Add a tick, read or not: the person bias uses all of them.

        `onset` is that of the expression that is there, as far as it was seen.
        """
        if all(network in estimates for network in self.networks):
            self._expression = (
                self._person.known_expressions + 1
            )  # not yet counted: where the face is lost, that comes after its end
            self._inputs = self._features.features(
                [estimates[network] for network in self.networks], onset
            )

    def score(self) -> Score:
        """Return the score of the tick observed last."""
        assert self._inputs is not None, "observe comes before score"
        return self._booster.explained(self._inputs)

    def read(self, estimates: Mapping[str, Estimate], score: Score) -> Reading:
        """Return the reading of the tick observed last, by its `score`."""
        mine = tuple(estimates[network] for network in self.networks)
        p_genuine = self._calibration.p_genuine(score.log_odds)
        settled = all(estimate.settled for estimate in mine)
        reading = Reading(
            State.SETTLED if settled else State.JUDGING,
            "",
            p_genuine,
            score.log_odds,
            mine,
            self.emotion,
            pb_position=self._pb_position(estimates),
            contributions=score.contributions,
        )
        if not self._calibration.is_uncertain(p_genuine):
            return reading
        return replace(
            reading, state=State.UNCERTAIN, reason=NEAR_HALF, p_genuine=None, cause=Cause.NEAR_HALF
        )

    def record(self, reading: Reading) -> None:
        """Add a reading to the emotion's run average."""
        self._run_average.add(reading.state, self.log_odds(reading))

    def log_odds(self, reading: Reading) -> float | None:
        """Return the calibrated log odds of a reading; None where nothing was judged."""
        return None if reading.score is None else self._calibration.log_odds(reading.score)

    def empty_run_average(self) -> RunAverage:
        """Return a run average without ticks, with the same abstain margin."""
        return RunAverage(PlattScaling(1.0, 0.0, self._calibration.abstain_margin), self._stride_s)

    def end_expression(self) -> None:
        """End the current expression and add it to the person bias."""
        self._inputs = None
        self._features.end_expression(self._expression)

    def run_verdict(self) -> RunVerdict:
        """Return the verdict over the run so far."""
        return self._run_average.verdict()

    def _pb_position(self, estimates: Mapping[str, Estimate]) -> tuple[float, float] | None:
        if self.prototypes is None or self.prototypes.network not in estimates:
            return None
        return self.prototypes.position(estimates[self.prototypes.network].pb)
