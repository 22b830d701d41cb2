#!/bin/sh
# What the tests need beyond Python: a browser, GDAL's command line tools (the second client that reads our exports
# back) and a font with Chinese characters. Installs them where apt-get may be used, else says what is missing.
set -eu

missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v ogrinfo >/dev/null 2>&1 || missing="$missing gdal-bin"

if ! command -v apt-get >/dev/null 2>&1; then
    [ -z "$missing" ] && exit 0
    echo "The tests need the commands 'chromium' and 'ogrinfo' (GDAL) on the PATH; install them with this system's" >&2
    echo "package manager and run 'make test' again." >&2
    exit 1
fi

# fc-list may be missing itself: then the package database knows.
fc-list :lang=zh-cn 2>/dev/null | grep -q . || dpkg -s fonts-noto-cjk >/dev/null 2>&1 || missing="$missing fonts-noto-cjk"
[ -z "$missing" ] && exit 0

packages=${missing# }
if [ "$(id -u)" -eq 0 ]; then
    as_root="env"
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n env"
else
    echo "The tests need Debian's $packages. Run this once, then 'make test' again:" >&2
    echo "    sudo apt-get update && sudo apt-get install --yes --no-install-recommends $packages" >&2
    exit 1
fi

echo "Installing Debian's $packages ..."
# Another apt may be at work on a fresh machine: wait for it instead of failing.
wait_for_lock="-o DPkg::Lock::Timeout=300"
$as_root apt-get $wait_for_lock --quiet --quiet update
# shellcheck disable=SC2086
$as_root DEBIAN_FRONTEND=noninteractive apt-get $wait_for_lock --quiet --quiet install --yes --no-install-recommends $packages
