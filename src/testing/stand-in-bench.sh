#!/bin/bash
# A bench that measures nothing, in shell, since a test starts it often: each call is written down; what a profile does is
# its name. `suspect` needs a second session and fails with it, `noise` is well with it, `wide` has repeats that differ,
# `busy` is invalid, `brief-busy` only at first, `wrong` asks wrongly, `torn` is not sound, `away` has no target. A control
# finds what CONTROL_FAULTY and CONTROL_FIXED say, `invalid` for a run that is none, `brief` for one that is none at first.
command=$1 subject=${2:-}
subject=$(basename "$subject" .yaml)
second=''
printf '%s\n' "$*" >>"$STAND_IN/calls.txt"
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2 ;; --target) target=$2 ;; --repeats) repeats=$2 ;; --session) session=$2 ;; --format) format=$2 ;; --confirmation) second=yes ;;
  esac
  shift
done
profile=${subject#*_}
case $command in
  list) printf '%s  what it asks\n' away brief-busy busy calm noise quiet red still suspect torn wide wrong ;;
  run)
    [ "$subject" != away ] || exit 5
    mkdir -p "$out"
    for _ in $(seq "${repeats:-1}"); do
      run=$out/r$(printf %03d "$(find "$out" -name 'r*_*' | wc -l)")_$subject
      mkdir "$run"
      echo "{ \"status\": \"completed\", \"session\": { \"id\": \"$session\" } }" >"$run/manifest.json"
      case $target in
        reference:*+fixed) verdict=${CONTROL_FIXED:-ok} ;;
        reference:*) verdict=${CONTROL_FAULTY:-fail} ;;
        *) continue ;;
      esac
      validity=valid
      case $verdict/$session in
        invalid/* | brief/*-fixed | brief/*-faulty) validity=invalid ;;
        brief/*-fixed-again) verdict=ok ;;
        brief/*-faulty-again) verdict=fail ;;
      esac
      echo "{ \"validity\": { \"state\": \"$validity\", \"reasons\": [\"The host was busy.\"] }, \"findings\": [
        { \"detector\": \"${CONTROL_DETECTOR:-growth-without-load}\", \"verdict\": \"$verdict\", \"summary\": \"It grew.\" }] }" \
        >"$run/result.json"
    done
    [ "$subject" != red ]
    ;;
  verify) [ "$profile" != torn ] ;;
  gate)
    read -r _ _ _ _ _ _ session _ <"$out/$subject/manifest.json"
    session=${session//\"/}
    state=pass confirm=false values='[100, 101, 100]'
    case $profile$second in
      red | suspectyes) state=fail ;;
      suspect | noise) state=warn confirm=true ;;
      noiseyes) state=flaky ;;
      wide) values='[100, 120, 100]' ;;
      busy | wrong) state=invalid ;;
      brief-busy) [[ $session == *-again ]] || state=invalid ;;
    esac
    runs=$(grep -l "\"$session\"" "$out"/*/manifest.json | sed 's/.*/"r"/' | paste -sd,)
    mkdir -p "$out/history/decisions"
    echo "{ \"state\": \"$state\", \"needsConfirmation\": $confirm, \"runIds\": [$runs],
      \"rows\": [{ \"layer\": \"relative\", \"isGating\": true, \"values\": $values }],
      \"constants\": { \"repeats\": { \"count\": 3, \"extra\": 2, \"spreadRatio\": 0.08 } } }" \
      >"$out/history/decisions/$session.json"
    echo "gate $state"
    [ "$profile" != wrong ] || echo 'No request of 40 succeeded'
    case $state in fail) exit 1 ;; invalid) exit 3 ;; esac
    ;;
  history) echo night >>"$out/history/series.jsonl" ;;
  export)
    mkdir -p "$out"
    [ "$format" != markdown ] || { echo "page of $profile"; head -c "$PAGE" /dev/zero | tr '\0' x; } >"$out/summary.md"
    [ "$format" != markdown ] || echo "::warning::of $profile" >"$out/annotations.txt"
    ;;
esac
