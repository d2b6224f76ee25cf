#!/bin/sh
# Install the wheel and the sdist of a release into bare environments, play the demo with each, and run some of the
# sdist's own tests.
#
#     deploy/try_release.sh PYTHON DIST
#
# `make trial` runs it for each Python.
set -eu

python=$1
dist=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CONFIG_HOME="$work" NUMBA_CACHE_DIR="$work/numba"  # nothing that an earlier run has left
unset PYTHONPATH
cd "$work"  # away from the source, which Python would import instead

for file in "$dist"/*.whl "$dist"/*.tar.gz; do
  "$python" -m venv --clear env
  env/bin/pip install --quiet --disable-pip-version-check "$file"
  env/bin/realtime --yes --demo --fast --headless --to 3s
  echo "$python: $(basename "$file") is installed and plays the demo"
done

env/bin/pip install --quiet --disable-pip-version-check pytest hypothesis pytest-xdist
tar -xf "$dist"/*.tar.gz
cd genuine_gauge-*
../env/bin/python -m pytest -q tests/realtime/motion tests/realtime/landmarks tests/realtime/recognition tests/engines/bundle
echo "$python: tests of the sdist pass"
