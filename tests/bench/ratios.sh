#!/usr/bin/env bash
# What brainstem costs beside tools that read the same file, as ratios of medians.
#
# Usage: tests/bench/ratios.sh FILE [RUNS]
#
# FILE should be of about a gigabyte and fit the page cache. The commands take turns, so that a
# machine that gets slower or faster does so for all of them. Tools that are not installed are left out.
# BRAINSTEM names another binary than target/release/brainstem; JOURNAL a file of the journal, for
# the rows that read one. Of FILE 200 MB are packed and a tenth is copied, both into $TMPDIR.
set -euo pipefail
export LC_ALL=C
file=${1:?usage: ratios.sh FILE [RUNS]}
runs=${2:-5}
brainstem=${BRAINSTEM:-target/release/brainstem}
journal=${JOURNAL:-}
[[ -r $file ]] || { echo "ratios.sh: $file cannot be read" >&2; exit 2; }
[[ -x $brainstem ]] || { echo "ratios.sh: there is no $brainstem; cargo build --release makes it" >&2; exit 2; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
results=$scratch/results
packed=$scratch/packed.gz
tenth=$scratch/tenth
export file brainstem journal packed tenth
head -c 200000000 "$file" | gzip >"$packed"
head -c "$(($(stat -Lc %s "$file") / 10))" "$file" >"$tenth"

names=(wc wc_tenth cat_wc brainstem tenth one_thread pipe zcat gzip)
declare -A command=(
  [wc]='wc -l "$file"'
  [wc_tenth]='wc -l "$tenth"'
  [cat_wc]='cat "$file" | wc -l'
  [brainstem]='"$brainstem" scan "$file"'
  [tenth]='"$brainstem" scan "$tenth"'
  [one_thread]='RAYON_NUM_THREADS=1 "$brainstem" scan "$file"'
  [pipe]='cat "$file" | "$brainstem" scan'
  [zcat]='zcat "$packed" | wc -l'
  [gzip]='"$brainstem" scan "$packed"'
)
if command -v rg >/dev/null; then
  names+=(rg)
  command[rg]='rg -c -i "error|fail|warn" "$file"'
fi
if command -v mawk >/dev/null; then
  names+=(mawk)
  command[mawk]='mawk "{ gsub(/[0-9]+/, \"0\"); seen[\$0]++ } END { print length(seen) }" "$file"'
fi
if [[ -n $journal ]] && command -v journalctl >/dev/null; then
  names+=(short short_pipe json_pipe direct)
  command[short]='journalctl -o short --file "$journal"'
  command[short_pipe]='journalctl -o short --file "$journal" | "$brainstem" scan'
  command[json_pipe]='journalctl -o json --all --file "$journal" | "$brainstem" scan'
  command[direct]='"$brainstem" scan "$journal"'
fi

TIMEFORMAT='%R %U %S'
for ((run = 0; run <= runs; run++)); do
  for name in "${names[@]}"; do
    times=$({ time bash -c "${command[$name]}" >/dev/null 2>&1 || true; } 2>&1)
    # The first round only warms the page cache.
    ((run == 0)) || echo "$name $times" >>"$results"
  done
done

middle() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
median() { # NAME COLUMN...: the median over the runs of the sum of the columns
  awk -v name="$1" -v columns="${*:2}" '
    $1 == name { n = split(columns, c, " "); sum = 0; for (i = 1; i <= n; i++) sum += $c[i]; print sum }
  ' "$results" | middle
}
ratio() { # LABEL VALUE OF
  awk -v label="$1" -v value="$2" -v of="$3" 'BEGIN { printf "%-52s %6.2f\n", label, value / (of > 0 ? of : 0.001) }'
}
has() { [[ " ${names[*]} " == *" $1 "* ]]; }
peak_kilobytes() { # FILE: the median, as threads do not meet alike each time
  for ((run = 0; run < runs; run++)); do
    command time -f %M "$brainstem" scan "$1" 2>&1 >/dev/null | tail -n 1
  done | middle
}

ratio 'wall, to wc -l' "$(median brainstem 2)" "$(median wc 2)"
has rg && ratio 'CPU, one thread, to rg -c -i of three words' "$(median one_thread 3 4)" "$(median rg 3 4)"
has mawk && ratio 'CPU, one thread, to masking digits in mawk' "$(median one_thread 3 4)" "$(median mawk 3 4)"
ratio 'wall of cat | brainstem, to cat | wc -l' "$(median pipe 2)" "$(median cat_wc 2)"
ratio 'wall with one thread, to all' "$(median one_thread 2)" "$(median brainstem 2)"
ratio 'wall, to that of a tenth of the file' "$(median brainstem 2)" "$(median tenth 2)"
ratio 'CPU, to that of a tenth of the file' "$(median brainstem 3 4)" "$(median tenth 3 4)"
ratio 'wall of wc -l, to that of a tenth of the file' "$(median wc 2)" "$(median wc_tenth 2)"
ratio 'wall of a gzip archive, to zcat | wc -l' "$(median gzip 2)" "$(median zcat 2)"
if has direct; then
  ratio 'wall of journalctl -o short | brainstem, to the first' "$(median short_pipe 2)" "$(median short 2)"
  ratio 'CPU of a journal file, to journalctl -o json | ...' "$(median direct 3 4)" "$(median json_pipe 3 4)"
fi
if type -P time >/dev/null; then
  whole=$(peak_kilobytes "$file")
  ratio 'peak memory, to that of a tenth of the file' "$whole" "$(peak_kilobytes "$tenth")"
  awk -v kilobytes="$whole" 'BEGIN { printf "%-52s %6.1f\n", "peak memory, MB", kilobytes / 1000 }'
fi
