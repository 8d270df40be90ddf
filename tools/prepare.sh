# Sourced by run, test and .ci/run: what they need of the machine. Installs what it may, says in one line what it may not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

if ! command -v dotnet >/dev/null; then
  echo "The .NET SDK is missing: install .NET 10 from https://dot.net/download and run this again." >&2
  exit 1
fi

has_postgres() {
  [ -n "${MIGRATION_POSTGRES:-}" ] || [ -n "${PG_BIN:-}" ] || ls /usr/lib/postgresql/*/bin/initdb /opt/homebrew/opt/postgresql*/bin/initdb /usr/local/opt/postgresql*/bin/initdb 2>/dev/null | grep -q . \
    || { command -v pg_config >/dev/null && [ -x "$(pg_config --bindir)/initdb" ]; } \
    || { command -v docker >/dev/null && docker info >/dev/null 2>&1; }
}

if ! has_postgres; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing PostgreSQL …"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y postgresql; } >/dev/null 2>&1 \
      || { echo "PostgreSQL could not be installed: run apt-get install -y postgresql and try again." >&2; exit 1; }
  else
    echo "PostgreSQL is missing: install it (Debian: sudo apt-get install -y postgresql; macOS: brew install postgresql), or start Docker, or set MIGRATION_POSTGRES." >&2
    exit 1
  fi
fi
