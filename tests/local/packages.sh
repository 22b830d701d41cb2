#!/bin/sh
# Install Debian packages that only a check at a desk needs: sh tests/local/packages.sh COMMAND PACKAGE
# Does nothing where the command (or, after "python3:", the module of the system's Python) is there already.
set -eu

needed=$1
package=$2
case $needed in
python3:*) has() { /usr/bin/python3 -c "import ${needed#python3:}" >/dev/null 2>&1; } ;;
*) has() { command -v "$needed" >/dev/null 2>&1; } ;;
esac
has && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "This check needs Debian's $package, and there is no apt-get here; run it on Debian or Ubuntu." >&2
    exit 1
fi
. "${0%/*}/../apt.sh"
install_packages "This check needs" "$package"
has || { echo "$package is installed, but $needed is not to be found." >&2; exit 1; }
