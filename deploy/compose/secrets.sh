#!/bin/sh
# Makes the stack's own secrets in the folder secrets: random, and only those that are missing. A changed one counts when its
# container is made anew. The folder is closed to others; the files are open, for the users inside the containers read them.
set -eu
cd "$(dirname "$0")"
image=$(sed -n 's/^ *image: \(eclipse-mosquitto:.*\)$/\1/p' compose.yaml)

random() {
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

make() {
    if [ ! -s "secrets/$1" ]; then
        random >"secrets/$1"
    fi
    chmod 444 "secrets/$1"
}

# Turns "name:password" lines into "name:hash" lines, without a password on any command line.
hash_passwords() {
    if command -v mosquitto_passwd >/dev/null; then
        mosquitto_passwd -U "$1"
    else
        docker run --rm --network none --user "$(id -u):$(id -g)" --volume "$PWD/secrets:/secrets" \
            "$image" mosquitto_passwd -U "/$1"
    fi
}

mkdir -p secrets
chmod 700 secrets
mkdir -p secrets/daemon
chmod 755 secrets/daemon

make daemon/INVERSE_MONITOR_HTTP__TOKEN
make daemon/INVERSE_MONITOR_MQTT__PASSWORD
make phone_password
make homeassistant_password
make grafana_password
make alertmanager_webhook_token

{
    printf 'monitor:%s\n' "$(cat secrets/daemon/INVERSE_MONITOR_MQTT__PASSWORD)"
    printf 'phone:%s\n' "$(cat secrets/phone_password)"
    printf 'homeassistant:%s\n' "$(cat secrets/homeassistant_password)"
} >secrets/new_passwords
hash_passwords secrets/new_passwords
chmod 444 secrets/new_passwords
mv -f secrets/new_passwords secrets/mosquitto_passwords
