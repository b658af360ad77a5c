#!/bin/sh
# Install the servers that tests use, where that is possible; say what is missing where it is not.
set -eu
PATH=$PATH:/usr/sbin:/sbin:/usr/local/sbin

packages=
missing=
need() { # need PROGRAM-OR-GLOB PACKAGE
    for place in $1; do
        if [ -x "$place" ] || command -v "$place" >/dev/null 2>&1; then return; fi
    done
    packages="$packages $2"
    missing="$missing ${1##*/}"
}
need nginx nginx-light
need apache2 apache2
need redis-server redis-server
need "/usr/lib/postgresql/*/bin/postgres postgres" postgresql
need mariadbd mariadb-server
need "mariadb_config mysql_config" libmariadb-dev  # and what follows: to build the driver mysqlclient
need pkg-config pkg-config
need gcc gcc
need slapd slapd
need clamd clamav-daemon
need chromium chromium
need systemd-analyze systemd

[ -n "$packages" ] || exit 0

if [ "$(id -u)" = 0 ]; then as_root=; elif sudo -n true 2>/dev/null; then as_root=sudo; else as_root=no; fi
if [ "$as_root" = no ] || ! command -v apt-get >/dev/null; then
    echo "Tests that need these programs are skipped:$missing"
    echo "To run them (Debian): sudo apt-get install$packages"
    exit 0
fi

echo "Installing test servers:$packages"
# Tests start their own copies: the packages' services must not start, now or while this runs.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
    trap '$as_root rm -f "$policy"' EXIT
fi
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
