# shellcheck shell=bash
# For `.ci/nightly` and `.ci/compare-branches`, which set `root` (the clone) and `results` before they source it.
: "${root:?}" "${results:?}"
# The clone whose bench is called, and from where.
tool=$root
place=$PWD

# What ends without a verdict comes first, as in PROTOCOL 9.2; a gate that fails beats one with nothing to compare with.
# 6: the controls of a night failed (PROTOCOL 21.3), so that its verdicts count for nothing.
worst_of() {
  local code given
  for code in 70 130 143 6 2 5 3 1 4; do
    for given in "$@"; do
      [ "$given" -eq "$code" ] && echo "$code" && return
    done
  done
  echo 0
}

say() { printf '%s\n' "$*" >&2; }

# The lock must not outlive this script in a server that is left running, so no child keeps descriptor 9.
bench() { (cd "$place" && exec node "$tool/src/bench.js" "$@" 9>&-); }

child=''
# shellcheck disable=SC2034
stopped=0
# Ctrl-C reaches the run by the terminal as well, and a second one would cut its sealing short.
trap 'stopped=130' INT
trap 'stopped=143; if [ -n "$child" ]; then kill -TERM "$child"; fi' TERM

# A bench run that a signal to this script ends too: sealed, with its results kept.
bench_run() {
  local code
  (cd "$place" && exec node "$tool/src/bench.js" run "$@" 9>&-) &
  child=$!
  wait "$child"
  code=$?
  while kill -0 "$child" 2>/dev/null; do
    wait "$child"
    code=$?
  done
  child=''
  return "$code"
}

# Two loads on one host measure each other (PROTOCOL 18.4).
lock_host() {
  local file=${HEADROOM_LOCK:-/tmp/headroom-host.lock}
  if ! command -v flock >/dev/null; then
    say 'flock is missing, which keeps two measurements off one host. Install util-linux.'
    exit 5
  fi
  if ! exec 9>>"$file" || ! flock -n 9; then
    say "Another measurement holds $file on this host. Wait for it, or give another lock with HEADROOM_LOCK."
    exit 5
  fi
}

build_if_missing() {
  [ -f "$root/dist/cli/main.js" ] || (cd "$root" && npm ci) 9>&- || exit 5
}

# Options in one line, quoted as in a shell; nothing in them is carried out.
split_options() { [ -z "$1" ] || xargs printf '%s\n' <<<"$1"; }

runs_of() { node "$root/.ci/session-runs.js" "$results" "$1"; }

# "STATE NEEDS_CONFIRMATION EXTRA_REPEATS" of the decision on a session.
decision_of() { node "$root/.ci/decision.js" "$results/history/decisions/$1.json"; }
