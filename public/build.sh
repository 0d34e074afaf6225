#!/bin/sh
# Builds public/site.css from public/site.scss. Needs node and npm; run it after changing a style,
# and commit what it wrote. Nothing of this runs when the program is built.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --ignore-scripts --prefix "$work" govuk-frontend@6.6.0 sass@1.108.2
"$work/node_modules/.bin/sass" --no-source-map --style=compressed --quiet-deps \
  --load-path="$work/node_modules" "$here/site.scss" "$here/site.css"
size=$(gzip -9 -c "$here/site.css" | wc -c)
echo "site.css: $size bytes compressed"
[ "$size" -le 16384 ] || { echo "more than 16 KiB: leave a component out" >&2; exit 1; }
