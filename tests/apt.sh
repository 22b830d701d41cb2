# To be sourced: install_packages WHO PACKAGE... installs Debian packages where apt-get may be used, else says how.

install_packages() {
    who=$1
    shift
    if [ "$(id -u)" -eq 0 ]; then
        as_root="env"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo -n env"
    else
        echo "$who Debian's $*. Run this once, then the same command again:" >&2
        echo "    sudo apt-get update && sudo apt-get install --yes --no-install-recommends $*" >&2
        exit 1
    fi
    echo "Installing Debian's $* ..."
    # Another apt may be at work on a fresh machine: wait for it instead of failing.
    wait_for_lock="-o DPkg::Lock::Timeout=300"
    $as_root apt-get $wait_for_lock --quiet --quiet update
    $as_root DEBIAN_FRONTEND=noninteractive apt-get $wait_for_lock --quiet --quiet install --yes \
        --no-install-recommends "$@"
}
