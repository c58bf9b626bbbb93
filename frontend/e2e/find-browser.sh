#!/bin/sh
# Print the path of a Chromium (or Chrome) for the end-to-end tests. If there is none, install one:
# Debian's package where packages may be installed, else Playwright's download. What the installers
# write goes to a log. Exit with 1, and print the end of the log, if no browser could be installed.

cd "$(dirname "$0")/.." || exit 1

find_browser() {
	for name in "$CHROMIUM_PATH" chromium chromium-browser google-chrome google-chrome-stable \
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
		"$(node -p 'require("@playwright/test").chromium.executablePath()' 2>/dev/null)"; do
		if path=$(command -v "$name" 2>/dev/null) && "$path" --version >/dev/null 2>&1; then
			echo "$path"
			return 0
		fi
	done
	return 1
}

# Of the packages that Chromium recommends, the tests need only the fonts in which they measure
# layouts: Liberation Sans, which stands for Arial, and DejaVu, which has all other letters.
install_browser() {
	if command -v apt-get >/dev/null; then
		if [ "$(id -u)" = 0 ]; then as_root=; else as_root="sudo -n"; fi
		if $as_root true 2>/dev/null; then
			export DEBIAN_FRONTEND=noninteractive
			$as_root apt-get update -qq &&
				$as_root apt-get install -y -qq --no-install-recommends \
					chromium fonts-liberation fonts-dejavu-core && return 0
		fi
	fi
	npx --no-install playwright install chromium
}

find_browser && exit 0
echo "Installing Chromium for the end-to-end tests..." >&2
log=var/log/chromium.log
mkdir -p ../var/log
install_browser >"../$log" 2>&1
find_browser && exit 0
tail -n 20 "../$log" | sed 's/^/  | /' >&2
echo "Installing Chromium failed: the lines above are the end of $log." >&2
exit 1
