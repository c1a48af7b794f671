#!/usr/bin/env bash
# Reports are checked in Debian's Chromium. On a CI machine where we may install it, we do; elsewhere it is detected.
set -uo pipefail
command -v chromium >/dev/null 2>&1 && exit 0
if [ "${CI:-}" = true ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "setup        chromium from Debian's packages"
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium) >/dev/null 2>&1 \
        || echo "setup        chromium could not be installed: browser checks will be skipped"
fi
exit 0
