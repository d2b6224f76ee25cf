import pytest

from engines.model.shape import NetworkShape, StepRule


def test_last_step_length_repeats() -> None:
    rule = StepRule((0.5, 0.4), 0.01, 0.9)
    assert [rule.length(step) for step in range(4)] == [0.5, 0.4, 0.4, 0.4]


@pytest.mark.parametrize(("hidden", "blocks"), [(0, 1), (4097, 1), (1, 0), (1, 17)])
def test_rejects_a_shape_out_of_range(hidden: int, blocks: int) -> None:
    with pytest.raises(ValueError, match=f"network of {blocks} x {hidden}"):
        NetworkShape(hidden, blocks)


@pytest.mark.parametrize(
    ("lengths", "epsilon", "closed_loop"),
    [((), 0.01, 0.9), ((0.0,), 0.01, 0.9), ((0.5,), 0.0, 0.9), ((0.5,), 0.01, 1.1)],
)
def test_rejects_an_invalid_step_rule(
    lengths: tuple[float, ...], epsilon: float, closed_loop: float
) -> None:
    with pytest.raises(ValueError, match="want"):
        StepRule(lengths, epsilon, closed_loop)
