#!/bin/sh
# Builds the two fonts of printed papers. Needs python3 with pip; run it after changing what they
# cover, and commit what it wrote. Nothing of this runs when the program is built.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/own"
"$work/own/bin/pip" install --quiet fonttools==4.68.0 fontpkg-noto-sans==2.15
package=$("$work/own/bin/python" -c \
  'import fontpkg_noto_sans as own, os; print(os.path.dirname(own.__file__))')
# Latin with all of Vietnamese, the marks that other peoples' names need, punctuation, đồng.
covers="0020-007E,00A0-017F,0180,0189-018A,018E,0192,01A0-01A1,01AF-01B0,01CD-01DC,01DD,0218-021B"
covers="$covers,0243,0300-0304,0306-0309,030A,030C,031B,0323-0324,0327,032D,0331,1E00-1EFF"
covers="$covers,2010-2015,2018-201E,2020-2022,2026,2030,2032-2033,2039-203A,20AB-20AC,2116,2122"
covers="$covers,2212,2248,2260,2264-2265,FFFD"
for weight in Regular:400 Bold:700; do
  name=${weight%:*}
  "$work/own/bin/fonttools" varLib.instancer --quiet --static --update-name-table \
    --output "$work/$name.ttf" "$package/files/NotoSans[wdth,wght].ttf" \
    "wght=${weight#*:}" wdth=100
  "$work/own/bin/pyftsubset" "$work/$name.ttf" --unicodes="$covers" --layout-features='' \
    --no-hinting --no-recalc-timestamp --output-file="$here/NotoSans-$name.ttf"
  size=$(wc -c < "$here/NotoSans-$name.ttf")
  echo "NotoSans-$name.ttf: $size bytes"
  [ "$size" -le 122880 ] || { echo "more than 120 KiB: leave something out" >&2; exit 1; }
done
cp "$package/LICENSE" "$here/OFL.txt"
