import subprocess
import sys

from calibrate.bundle import reader
from calibrate.scoring.model import BundleModel, model_of
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle

WITHOUT = (
    "import sys; sys.modules |= {n: None for n in ('torch', 'scipy', 'matplotlib', 'pandas')}; "
)


def test_it_is_the_model_of_a_report(bundle: Bundle) -> None:
    one, (whole, timing, maps) = BundleModel(bundle), reader.load_model(DEFAULT_BUNDLE)
    learned = whole.learned
    assert (one.ensemble, one.seed, one.timing) == (learned.ensemble, learned.seed, timing)
    assert one.calibrations == maps
    assert one.population.range_prior == learned.population.range_prior
    for name in one.ensemble:
        for emotion, read_out in one.read_outs[name].items():
            assert (read_out.weights == learned.read_outs[name][emotion].weights).all()


def test_a_process_loads_it_once() -> None:
    assert model_of(DEFAULT_BUNDLE) is model_of(DEFAULT_BUNDLE)


def test_scoring_needs_the_base_installation_alone() -> None:
    code = WITHOUT + "import calibrate.commands.score, calibrate.scoring.workers"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
