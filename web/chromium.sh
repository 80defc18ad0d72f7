#!/bin/sh
# Makes sure that there is a Chromium for the browser tests: on Debian and Ubuntu
# it is installed, elsewhere this says what to install.
set -eu
cd "$(dirname "$0")"
for name in "${CHROMIUM:-}" chromium-headless-shell chromium google-chrome google-chrome-stable chromium-browser \
	"${APPLICATIONS:-/Applications}/Google Chrome.app/Contents/MacOS/Google Chrome" \
	"$(node -p 'require("@playwright/test").chromium.executablePath()' 2>/dev/null || true)"; do
	# --version, because Ubuntu's chromium-browser is a stub that asks for snap
	[ -n "$name" ] && "$name" --version >/dev/null 2>&1 && exit 0
done
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
if command -v apt-get >/dev/null 2>&1 && { [ -z "$sudo" ] || command -v sudo >/dev/null 2>&1; }; then
	echo "Installing Chromium for the browser tests."
	if grep -qx 'ID=ubuntu' "${OS_RELEASE:-/etc/os-release}"; then # its package is that stub: this is Playwright's own build
		npx playwright install --with-deps chromium && exit 0
	else
		$sudo apt-get update -qq || true
		for name in chromium-headless-shell chromium; do # older Debians have the second only
			$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$name" >/dev/null && exit 0
		done
	fi
fi
echo "The browser tests need Chromium or Chrome: install it, or set CHROMIUM to its path." >&2
echo "Where neither is packaged, as on Ubuntu: cd web && npx playwright install --with-deps chromium" >&2
exit 1
