#!/bin/sh
# What the tests need beyond Python: a browser, GDAL's command line tools (the second client that reads our exports
# back), PROJ's cs2cs (which checks our coordinates) and a font with Chinese characters. Installs them where apt-get
# may be used, else says what is missing.
set -eu

missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v ogrinfo >/dev/null 2>&1 || missing="$missing gdal-bin"
command -v cs2cs >/dev/null 2>&1 || missing="$missing proj-bin"

if ! command -v apt-get >/dev/null 2>&1; then
    [ -z "$missing" ] && exit 0
    echo "The tests need the commands 'chromium', 'ogrinfo' (GDAL) and 'cs2cs' (PROJ) on the PATH; install them with" >&2
    echo "this system's package manager and run 'make test' again." >&2
    exit 1
fi

# fc-list may be missing itself: then the package database knows.
fc-list :lang=zh-cn 2>/dev/null | grep -q . || dpkg -s fonts-noto-cjk >/dev/null 2>&1 || missing="$missing fonts-noto-cjk"
[ -z "$missing" ] && exit 0

. "${0%/*}/apt.sh"
# shellcheck disable=SC2086
install_packages "The tests need" $missing
