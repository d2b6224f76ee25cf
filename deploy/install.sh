#!/bin/sh
# Install the gauge into a new virtual environment and prove it with the packaged clip, which also compiles the engine.
#
#     deploy/install.sh PREFIX [EXTRAS]
#
# Run it in the folder of the source. The Dockerfile, docs/DEPLOY.md and CI all use this script.
set -eu

prefix=$1
extras=${2:-web,osc}
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with PYTHON=")'
"$python" -m venv "$prefix"
"$prefix/bin/pip" install --quiet --disable-pip-version-check --constraint constraints.txt ".[$extras]"
"$prefix/bin/realtime" --yes --demo --fast --headless --to 2s
