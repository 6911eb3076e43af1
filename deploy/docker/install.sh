#!/bin/sh
# The steps of the image's build, in a file of their own so that tests can take them without an engine.
#   install.sh tools BUILD              what builds the package, into the environment BUILD
#   install.sh libraries TARGET         what the package runs on, into the environment TARGET, which gets no pip
#   install.sh monitor TARGET BUILD     the package itself, built by BUILD; then everything is byte-compiled
# Every file that comes from outside is checked against its hash. PYTHON names another interpreter.
set -eu
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}
locks=deploy/docker

# Unchecked: the files never change, and the time stamps of an image's files need not be theirs. Where it is missing a start
# takes seconds longer.
compile() {
    "$1/bin/python" -m compileall -q -j 0 --invalidation-mode unchecked-hash "$1/lib"
}

case $1 in
tools)
    "$python" -m venv "$2"
    "$2/bin/python" -m pip install --quiet --require-hashes --only-binary :all: -r "$locks/build.lock"
    ;;
libraries)
    "$python" -m venv --without-pip "$2"
    "$python" -m pip --python "$2/bin/python" install --quiet --no-compile --require-hashes --only-binary :all: \
        -r "$locks/requirements.lock"
    ;;
monitor)
    wheels=$(mktemp -d)
    "$3/bin/python" -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$wheels" .
    "$python" -m pip --python "$2/bin/python" install --quiet --no-compile --no-deps --no-index "$wheels"/*.whl
    rm -r "$wheels"
    compile "$2"
    ;;
*)
    sed -n '2,/^set/{/^#/p}' "$0" >&2
    exit 2
    ;;
esac
