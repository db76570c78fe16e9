#!/bin/sh
# Builds k6 from its source into a cache folder and prints where it is. Needs Go >= 1.25; takes some minutes once.
#   .config/install-k6.sh [FOLDER]
#   K6_PATH=$(.config/install-k6.sh) bench run ... --engine k6
# `go install go.k6.io/k6/v2@v2.2.0` asks the module proxy for a list of versions, which not every proxy has;
# a module of our own that requires the exact version needs no list.
set -eu

version=v2.2.0
cache="${1:-${XDG_CACHE_HOME:-$HOME/.cache}/headroom/k6}/$version"
program="$cache/k6"

if [ -x "$program" ]; then
  echo "$program"
  exit 0
fi
if ! command -v go >/dev/null 2>&1; then
  echo 'install-k6: Go is not on PATH; k6 needs Go >= 1.25, or download k6 v2 and set K6_PATH.' >&2
  exit 5
fi
minor=$(go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
if [ "${minor:-0}" -lt 25 ]; then
  echo "install-k6: $(go env GOVERSION) is too old; k6 needs Go >= 1.25." >&2
  exit 5
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'echo "install-k6: stopped before k6 $version was built." >&2; exit 5' INT TERM
cat >"$work/go.mod" <<MOD
module headroom.local/k6

go 1.25.0

require go.k6.io/k6/v2 $version
MOD
cat >"$work/tools.go" <<'GO'
package tools

import _ "go.k6.io/k6/v2/cmd"
GO
if ! (cd "$work" && GOFLAGS=-mod=mod CGO_ENABLED=0 go build -trimpath -o "$work/k6" go.k6.io/k6/v2) >&2; then
  echo "install-k6: k6 $version could not be built with $(go env GOVERSION) and GOPROXY=$(go env GOPROXY)." >&2
  exit 5
fi
mkdir -p "$cache"
# Two that build at once each move a whole program there.
mv "$work/k6" "$cache/k6.$$"
mv -f "$cache/k6.$$" "$program"
echo "$program"
