#!/bin/sh
# What the tests need beyond Python: a browser, GDAL's command line tools (the second client that reads our exports
# back), PROJ's cs2cs (which checks our coordinates), nginx, PostgreSQL with PostGIS and a font with Chinese characters.
# Installs them where apt-get may be used, else says what is missing. An argument names the folder that holds the
# system's /usr, for tests of this script.
set -eu

usr="${1:-}/usr"
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v ogrinfo >/dev/null 2>&1 || missing="$missing gdal-bin"
command -v cs2cs >/dev/null 2>&1 || missing="$missing proj-bin"
# A static edition is served, and processes of the app are brought together, by nginx, which is not on a user's PATH.
[ -x "$usr/sbin/nginx" ] || command -v nginx >/dev/null 2>&1 || missing="$missing nginx-light"
# Checks the units of deploy/.
command -v systemd-analyze >/dev/null 2>&1 || missing="$missing systemd"
# The shared database: PostGIS is a package of its own, which brings the server of its version.
has_postgis() {
    for folder in "$usr"/share/postgresql/* "$(pg_config --sharedir 2>/dev/null || true)"; do
        [ -e "$folder/extension/postgis.control" ] && return 0
    done
    return 1
}
has_postgis || missing="$missing postgresql-postgis"

if ! command -v apt-get >/dev/null 2>&1; then
    [ -z "$missing" ] && exit 0
    echo "The tests need the commands 'chromium', 'ogrinfo' (GDAL), 'cs2cs' (PROJ), 'nginx' and 'systemd-analyze' on" >&2
    echo "the PATH, and PostgreSQL with PostGIS; install them with this system's package manager and run 'make test'" >&2
    echo "again." >&2
    exit 1
fi

# fc-list may be missing itself: then the package database knows.
fc-list :lang=zh-cn 2>/dev/null | grep -q . || dpkg -s fonts-noto-cjk >/dev/null 2>&1 || missing="$missing fonts-noto-cjk"
[ -z "$missing" ] && exit 0

. "${0%/*}/apt.sh"
# shellcheck disable=SC2086
install_packages "The tests need" $missing
