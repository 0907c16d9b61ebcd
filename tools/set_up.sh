#!/bin/sh
# Set up .venv:  sh tools/set_up.sh learn|test
#
# 'learn' installs what requirements.txt pins, and this package itself (editable); 'test' adds what requirements-test.txt pins.
# Done once; again only when one of those files, pyproject.toml, this script or the folder's place has changed.
set -eu
cd "$(dirname "$0")/.."

KIND="$1"
VENV=.venv
UV=uv==0.13.9
case "$KIND" in
    learn) PINS=requirements.txt ;;
    test) PINS=requirements-test.txt ;;
    *) echo "set_up.sh: learn or test?" >&2; exit 2 ;;
esac

say() { printf '%s\n' "$*"; }
stop() { printf '%s\n' "$*" >&2; exit 1; }

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
has_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }
version() { "$1" -c 'import platform; print(platform.python_version())'; }

find_python() {  # sets FOUND, or stops with a sentence that says what to do
    FOUND=''
    without_venv=''
    if [ -n "${PYTHON:-}" ]; then
        command -v "$PYTHON" >/dev/null || stop "PYTHON=$PYTHON: there is no such program."
        new_enough "$PYTHON" || stop "PYTHON=$PYTHON is $("$PYTHON" --version 2>&1); Padlock needs Python 3.11 or newer."
        candidates=$PYTHON
    else
        candidates='python3 python3.14 python3.13 python3.12 python3.11 python'
    fi
    for candidate in $candidates; do
        command -v "$candidate" >/dev/null && new_enough "$candidate" || continue
        if has_venv "$candidate"; then
            FOUND=$candidate
            return
        fi
        without_venv=${without_venv:-$candidate}
    done
    if [ -n "$without_venv" ]; then
        v=$(version "$without_venv" | cut -d. -f1,2)
        stop "$without_venv is Python $v, but its 'venv' part is missing. Install it (Debian, Ubuntu: apt install python$v-venv)," \
             "or choose another Python: make PYTHON=/path/to/python3.12 learn"
    fi
    stop "Padlock needs Python 3.11 or newer, and none was found (tried: $candidates)." \
         "Install one from python.org or your system's packages, or say where it is: make PYTHON=/path/to/python3.12 learn"
}

install() {
    if [ -x $VENV/bin/uv ] || $VENV/bin/python -m pip install --quiet --disable-pip-version-check $UV; then
        $VENV/bin/uv pip install --quiet --python $VENV/bin/python "$@" && return
        say "uv could not do it (see above); trying again with pip, which takes some minutes."
    else
        say "uv could not be installed; using pip, which takes some minutes."
    fi
    $VENV/bin/python -m pip install --quiet --disable-pip-version-check "$@"
}

fingerprint() { { pwd; cat requirements.txt "$PINS" pyproject.toml tools/set_up.sh; } | cksum; }

# A .venv whose Python is gone (an upgrade), or is another than the one asked for, is made anew
usable() {
    [ -x $VENV/bin/python ] && new_enough $VENV/bin/python || return 1
    [ -z "${PYTHON:-}" ] && return
    command -v "$PYTHON" >/dev/null && [ "$("$PYTHON" --version 2>&1)" = "$($VENV/bin/python --version 2>&1)" ]
}

usable || rm -f $VENV/.set-up-*
STAMP=$VENV/.set-up-$KIND
[ "$(cat $STAMP 2>/dev/null)" = "$(fingerprint)" ] && exit 0

usable || {
    find_python
    say "Setting up in .venv with Python $(version "$FOUND") (once; from seconds to a few minutes) …"
    "$FOUND" -m venv --clear $VENV
}
install --requirement "$PINS" --editable . || stop "The set-up stopped. Is there a network? The lines above say what was missing; run the same command to try again."
fingerprint > $STAMP
say "Set up: $VENV has what '$KIND' needs."
