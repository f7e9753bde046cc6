#!/usr/bin/env bash
# Runs docs/why/naive.mjs into the walls that docs/why.md tells of, then billing-to-sap, and prints what they met, as the page
# shows it and in its order. `try.sh ours` leaves out the script and needs no Node.
# BIN: the folder of the programs. NODE_MODULES: one with axios in it, which is then not fetched.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=${BIN:-$here/../../.venv/bin}
part=${1:-all}
missing() { echo "docs/why/try.sh: $1" >&2; exit 2; }
[ -x "$bin/billing-to-sap" ] || missing "there is no $bin/billing-to-sap: make setup, or name the folder of the programs in BIN"
command -v curl >/dev/null || missing "curl is needed: apt-get install curl"
case $part in
  all) command -v node >/dev/null && command -v npm >/dev/null ||
    missing "Node 20 and npm are needed: https://nodejs.org" ;;
  ours) ;;
  *) missing "say 'ours', or nothing for everything" ;;
esac
for name in "${!B2S_@}" "${!SAP_MOCK_@}"; do unset "$name"; done # the caller's own settings have no say here
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1
work=$(mktemp -d)
export B2S_STATE_DIR=$work
started=()
stop() { for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done; wait; rm -rf "$work"; }
trap stop EXIT

start() { # NAME PROGRAM ARGUMENTS...: starts it, waits for its ready line, leaves the address in $url
  local log=$work/$1
  shift
  : >"$log"
  "$bin/$1" serve --port 0 "${@:2}" >"$log" 2>"$log.stderr" &
  started+=($!)
  for _ in $(seq 300); do grep -q ready "$log" && break || sleep 0.1; done
  url=$(sed -n 's/.* ready at //p' "$log")
  [ -n "$url" ] || { cat "$log.stderr" >&2; exit 1; }
}
sap_has() { curl -s -u DEVELOPER:Sap-mock1 "$SAP_INVOICES_URL/\$count"; }
naive() { # runs the script, prints what it said (long dumps cut), and what SAP holds afterwards
  local code=0 lines
  (cd "$work" && node naive.mjs >said 2>&1) || code=$?
  lines=$(wc -l <"$work/said")
  head -n 7 "$work/said" | sed -E "s|$work|…|; s|^(.{246}).+|\\1 …|"
  if [ "$lines" -gt 7 ]; then
    echo "... $((lines - 7)) more lines, among them:"
    grep -m1 'Authorization: Basic' "$work/said" || true
  fi
  echo "[exit $code; SAP holds $(sap_has) invoices]"
}
lend_token() { # a token and the cookies it is bound to, as one set of headers
  curl -s -o /dev/null -D "$work/headers" -u DEVELOPER:Sap-mock1 -H 'x-csrf-token: Fetch' "${SAP_INVOICES_URL%Invoices}"
  SAP_HEADERS=$(tr -d '\r' <"$work/headers" | "$bin/python" -c '
import json, sys
rows = [line.rstrip("\n").partition(": ")[::2] for line in sys.stdin]
cookies = [value.partition(";")[0] for name, value in rows if name.lower() == "set-cookie"]
token = next(value for name, value in rows if name.lower() == "x-csrf-token")
print(json.dumps({"x-csrf-token": token, "Cookie": "; ".join(cookies)}))')
  export SAP_HEADERS
}
empty() { curl -s -o "$work/answer" -X POST "$1/_mock/reset"; }
lose() { # ROOT SKIP: SAP's answer to the request that creates invoices, after so many of these
  curl -s -o "$work/answer" -X POST "$1/_mock/faults" -H 'content-type: application/json' \
    -d '{"fault": "lost_response", "entity_set": "Invoices", "method": "POST", "skip": '"$2"', "times": 1}'
}
pipeline() { # one command of billing-to-sap
  local code=0
  "$bin/billing-to-sap" "$@" || code=$?
  echo "[billing-to-sap $*: exit $code; SAP holds $(sap_has) invoices]"
}
wall() { printf '\n== %s\n' "$1"; }

export BILLING_TOKEN=PMAK-billing-mock SAP_USER=DEVELOPER SAP_PASSWORD=Sap-mock1
start few billing-mock --postman-auth blog --invoices 8 && few=$url/postman/accounts/123456/invoices
start strict sap-mock --database sqlite:// && strict=$url/sap/opu/odata/sap/ZINVOICE_SRV/Invoices strict_root=$url

if [ "$part" = all ]; then
  cp "$here/naive.mjs" "$work/"
  if [ -n "${NODE_MODULES:-}" ]; then
    ln -s "$NODE_MODULES" "$work/node_modules"
  else
    (cd "$work" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund axios@1 >/dev/null)
  fi
  start many billing-mock --postman-auth blog --invoices 1000 && many=$url/postman/accounts/123456/invoices
  start spec billing-mock --invoices 10 && spec=$url/postman/accounts/123456/invoices
  start lenient sap-mock --lenient --database sqlite:// && lenient=$url/sap/opu/odata/sap/ZINVOICE_SRV/Invoices lenient_root=$url

  export SAP_INVOICES_URL=$strict
  wall "1. As written, against the log-on of today's specification"
  INVOICES_URL=$spec naive
  wall "2. As written, against the log-on that the blog describes"
  INVOICES_URL=$few naive
  export INVOICES_URL="$few?status=PAID"
  wall "3. With ?status=PAID, eight invoices that have every member, strict"
  naive
  wall "4. The same, lenient"
  SAP_INVOICES_URL=$lenient naive
  wall "5. With ?status=PAID, a thousand invoices, strict"
  INVOICES_URL="$many?status=PAID" naive
  wall "6. With a token lent to it, strict"
  lend_token
  naive
  export SAP_INVOICES_URL=$lenient
  wall "7. With a token lent to it, lenient"
  lend_token
  naive
  wall "8. The same again, as after any doubt"
  naive
  wall "9. An empty SAP, and the thousand invoices of which some have no link"
  empty "$lenient_root"
  lend_token
  INVOICES_URL="$many?status=PAID" naive
  wall "10. An empty SAP, and one answer out of eight is lost on its way back"
  empty "$lenient_root"
  lose "$lenient_root" 4
  lend_token
  naive
  wall "11. So it is run again"
  naive
fi

wall "12. billing-to-sap, strict, and the answer that tells of all eight is lost"
export SAP_INVOICES_URL=$strict
lose "$strict_root" 0
cd "$work"
export B2S_POSTMAN_URL=${few%/accounts*} B2S_POSTMAN_API_KEY=$BILLING_TOKEN B2S_SAP_URL=$strict_root
export B2S_SAP_USER=$SAP_USER B2S_SAP_PASSWORD=$SAP_PASSWORD B2S_GRACE_SECONDS=2
pipeline sync --all
wall "13. After the grace period"
pipeline resolve --wait
wall "14. And once more, as after any doubt"
pipeline sync --all
pipeline reconcile
