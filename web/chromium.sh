#!/bin/sh
# Makes sure that there is a Chromium for the browser tests: on Debian and Ubuntu
# it is installed, elsewhere this says what to install.
set -eu
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
	# --version, because Ubuntu's chromium-browser can be a stub that asks for snap
	[ -n "$name" ] && "$name" --version >/dev/null 2>&1 && exit 0
done
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
if command -v apt-get >/dev/null 2>&1 && { [ -z "$sudo" ] || command -v sudo >/dev/null 2>&1; }; then
	echo "Installing Chromium for the browser tests."
	$sudo apt-get update -qq
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null || true
	chromium --version >/dev/null 2>&1 && exit 0
fi
echo "The browser tests need Chromium or Chrome: install it, or set CHROMIUM to its path." >&2
exit 1
