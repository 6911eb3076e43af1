#!/bin/sh
# From nothing to a working stack: ./up.sh shows the demo, ./up.sh accounts watches the accounts of config.yaml.
set -eu
cd "$(dirname "$0")"

case ${1:-demo} in
demo) set -- --file compose.yaml ;;
accounts)
    if [ ! -f config.yaml ]; then
        echo "config.yaml is missing: copy config.example.yaml to it and name your accounts" >&2
        exit 2
    fi
    set -- --file compose.yaml --file compose.accounts.yaml
    ;;
*)
    echo "usage: up.sh [demo | accounts]" >&2
    exit 2
    ;;
esac

./secrets.sh
docker compose "$@" up --build --detach --wait
cat <<END
page     http://127.0.0.1:9643/   any name; the password is in secrets/daemon/INVERSE_MONITOR_HTTP__TOKEN
grafana  http://127.0.0.1:3000/   admin; the password is in secrets/grafana_password
broker   127.0.0.1:1883           phone; the password is in secrets/phone_password
END
