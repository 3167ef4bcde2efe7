# shellcheck shell=bash disable=SC2034,SC2015
# What the benchmark scripts share: checks, the demo that they measure, and the rows that they print. A script
# sources this file first; it then stands in the root of the repository. Not a command.
set -Eeuo pipefail

script=bench/$(basename "$0")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  echo "$script: $*" >&2
  exit 1
}

# No script ends without a reason: this names the command that failed where nothing else does.
report() {
  local status=$1 line=$2 command=$3
  if [ "$BASH_SUBSHELL" = 0 ]; then
    echo "$script: line $line: \`${command%%$'\n'*}\` ended with status $status" >&2
  fi
}
trap 'report $? $LINENO "$BASH_COMMAND"' ERR

work=$(mktemp -d)
# As root, PostgreSQL runs as another user, who has to reach the data directory in it.
chmod 711 "$work"
data=$work/data
server=

clean_up() {
  trap - ERR
  set +e
  before_cleaning_up
  stop_demo
  # As root the demo moves its cluster to a place that PostgreSQL's user can reach, and leaves a pointer.
  if [ -f "$work/data/cluster-directory" ]; then rm -rf "$(cat "$work/data/cluster-directory")"; fi
  rm -rf "$work"
}
# A script may define its own, for what it has to put back while the demo still runs.
before_cleaning_up() { :; }
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

for directory in "${PG_BIN:-}" "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin; do
  if [ -d "$directory" ]; then PATH=$PATH:$directory; fi
done

# needs PROGRAM…: fails where one of them is missing.
needs() {
  local program install
  for program in "$@"; do
    case $program in
      psql) install='on Debian: apt-get install postgresql-client' ;;
      pgbench) install='on Debian: apt-get install postgresql-contrib' ;;
      h2load) install='on Debian: apt-get install nghttp2-client' ;;
      diesel) install='cargo install diesel_cli --no-default-features --features postgres' ;;
      *) install="on Debian: apt-get install $program" ;;
    esac
    command -v "$program" >/dev/null || fail "$program is missing; $install"
  done
}

# is_number VALUE NAME: fails where an argument of the script is not a positive whole number.
is_number() {
  case $1 in
    '' | *[!0-9]* | 0*) fail "$2 must be a positive whole number, not '$1'" ;;
  esac
}

# keep_data DIRECTORY: uses a data directory that stays for the next run.
keep_data() {
  mkdir -p "$(dirname "$1")"
  data=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
}

# The program that is measured: $DEMARCHE, or a release build of this tree.
find_program() {
  demarche=${DEMARCHE:-}
  if [ -z "$demarche" ]; then
    needs cargo
    cargo build --release --locked --quiet || fail "the release build failed"
    demarche=${CARGO_TARGET_DIR:-target}/release/demarche
  fi
  [ -x "$demarche" ] || fail "$demarche is not a program"
}

# start_demo [FLAG…]: starts `demarche demo` on $data and waits until it serves. Sets api, token, login (a URL for psql that
# reads schema bi) and home, where the cluster keeps its files.
start_demo() {
  : >"$work/out"
  # The demo has a cluster of its own: a database that the environment names is not measured.
  env -u DATABASE_URL "$demarche" demo --data-dir "$data" --port 0 "$@" >"$work/out" 2>"$work/err" &
  server=$!
  local waited=0 limit=$((10 * ${DEMO_SECONDS:-7200}))
  # The last line that it prints.
  until grep -q 'claim_status=' "$work/out"; do
    kill -0 "$server" 2>/dev/null || {
      server=
      tail -n 20 "$work/err" >&2
      fail "the demo ended before it served"
    }
    [ "$waited" -lt "$limit" ] || fail "the demo does not serve after $((limit / 10)) s (DEMO_SECONDS)"
    waited=$((waited + 1))
    sleep 0.1
  done
  api=$(sed -n 's/^API=//p' "$work/out")
  token=$(sed -n 's/^TOKEN=//p' "$work/out")
  login=$(sed -n 's/^psql //p' "$work/out")
  home=$data
  if [ -f "$data/cluster-directory" ]; then home=$(cat "$data/cluster-directory"); fi
  [ -f "$home/postgresql/postmaster.pid" ] || fail "no cluster of the demo in $home"
}

stop_demo() {
  if [ -n "$server" ]; then
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
  fi
}

# connect_as owner|superuser [DATABASE]: makes psql, pgbench and libpq use the demo's database, over its Unix socket.
connect_as() {
  case $1 in
    owner)
      PGUSER=demarche
      PGPASSWORD=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["owner_password"])' "$home/demo.json")
      ;;
    superuser)
      PGUSER=postgres
      PGPASSWORD=$(cat "$home/superuser-password")
      ;;
    *) fail "connect_as: $1" ;;
  esac
  PGPORT=$(sed -n 4p "$home/postgresql/postmaster.pid")
  PGHOST=$(sed -n 5p "$home/postgresql/postmaster.pid")
  PGHOST=${PGHOST:-127.0.0.1}
  PGDATABASE=${2:-demarche}
  export PGUSER PGPASSWORD PGPORT PGHOST PGDATABASE
  psql -X -qAt -c 'select 1' >/dev/null || fail "no connection to the demo's database"
}

# The last `Time: … ms` that psql printed; a statement that fails prints none, and its message is on stderr.
time_of() { sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | tail -n 1; }

# The median of the numbers on stdin.
median() { sort -n | awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

header() { printf '%-46s %24s %8s  %s\n' "$1" figure ratio rule; }

# row NAME FIGURE RATIO RULE: prints a line of the table; a dash where there is no ratio or no rule. Where BENCH_ROWS names a
# file, the line is added to it as well (bench/run).
row() {
  local name=$1 figure=$2 ratio=$3 rule=$4
  [ -n "$figure" ] && [ -n "$ratio" ] || fail "no figure for $name"
  case $rule in
    'at most '*)
      if awk -v ratio="$ratio" -v most="${rule#at most }" 'BEGIN { exit !(ratio > most) }'; then rule="$rule (exceeded)"; fi
      ;;
    'at least '*)
      if awk -v ratio="$ratio" -v least="${rule#at least }" 'BEGIN { exit !(ratio < least) }'; then rule="$rule (missed)"; fi
      ;;
  esac
  printf '%-46s %24s %8s  %s\n' "$name" "$figure" "$ratio" "$rule"
  if [ -n "${BENCH_ROWS:-}" ]; then printf '%s\t%s\t%s\t%s\n' "$name" "$figure" "$ratio" "$rule" >>"$BENCH_ROWS"; fi
}

# Rows on stdin, their four parts separated by tabs.
rows() {
  local name figure ratio rule
  while IFS=$'\t' read -r name figure ratio rule; do row "$name" "$figure" "$ratio" "$rule"; done
}
