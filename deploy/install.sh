#!/bin/sh
# Installs the monitor from this folder: all at once on a machine, or step by step, which the image's build caches.
#   install.sh all TARGET               into the environment TARGET, such as /opt/inverse-monitor; again: brings it up to date
#   install.sh tools BUILD              what builds the package, into the environment BUILD
#   install.sh libraries TARGET BUILD   what the package runs on, into TARGET, which gets no pip
#   install.sh monitor TARGET BUILD     the package itself; then everything is byte-compiled
# Every file that comes from outside is checked against its hash, and none is built from source. PYTHON names an interpreter.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
locks=deploy/docker

tools() {
    "$python" -m venv "$1"
    "$1/bin/python" -m pip install --quiet --require-hashes --only-binary :all: -r "$locks/build.lock"
}

libraries() {
    "$python" -m venv --without-pip "$1"
    "$2/bin/python" -m pip --python "$1/bin/python" install --quiet --no-compile --require-hashes --only-binary :all: \
        -r "$locks/requirements.lock"
}

monitor() {
    wheels=$(mktemp -d)
    "$2/bin/python" -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$wheels" .
    "$2/bin/python" -m pip --python "$1/bin/python" install --quiet --no-compile --no-deps --no-index --force-reinstall \
        "$wheels"/*.whl
    rm -r "$wheels"
    # Unchecked: the files never change, and the time stamps of an image's files need not be theirs. Without this every start
    # of a daemon that may write nothing compiles all that it imports.
    "$1/bin/python" -m compileall -q -f -j 0 --invalidation-mode unchecked-hash "$1/lib"
}

all() {
    build=$(mktemp -d)
    tools "$build"
    libraries "$1" "$build"
    monitor "$1" "$build"
    rm -r "$build"
}

case "${1:-} $#" in
"all 2" | "tools 2" | "libraries 3" | "monitor 3") "$@" ;;
*)
    sed -n '2,/^set/{/^#/p;}' "$0" >&2
    exit 2
    ;;
esac
