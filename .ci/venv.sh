#!/bin/sh
# Make .venv with the Python that is given. Debian keeps venv in a package of its own: root gets it installed, others are told.
set -eu
python=$1

whole() { "$python" -c 'import ensurepip, venv' 2>/dev/null; }

if ! whole; then
    version=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "$python comes without venv: installing Debian's package $version-venv"
        apt-get update -qq || true
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$version-venv" >/dev/null
    fi
    whole || {
        echo "$python comes without venv. Say: sudo apt-get install $version-venv" >&2
        exit 2
    }
fi

"$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
