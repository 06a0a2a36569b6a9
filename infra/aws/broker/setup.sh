# Runs at every boot as root, so it also serves to renew Kafka: each step finds out by itself whether it is still to be done.
# Before it the user data sets HOST, REGION, CA_SECRET, SCRAM_SECRET, TOPIC, PARTITIONS, RETENTION_MS, JVM_OPTIONS and JARS, and writes
# /etc/kafka/server.properties. Tests set other folders.
set -euo pipefail

: "${data:=/var/lib/kafka}" "${libs:=/opt/kafka}" "${properties:=/etc/kafka/server.properties}" "${bootstrap:=127.0.0.1:9092}"
maven=https://repo.maven.apache.org/maven2

# Functions and pollers reach AWS's APIs through this machine: an interface endpoint for each API would cost more than all of it.
nat() {
  sysctl -qw net.ipv4.ip_forward=1
  nft -f - <<'RULES'
table ip nat
flush table ip nat
table ip nat {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip daddr != 10.0.0.0/16 masquerade
  }
}
RULES
}

swap() {
  [ -e /swapfile ] || { fallocate -l 512M /swapfile.new; chmod 600 /swapfile.new; mkswap /swapfile.new; mv /swapfile.new /swapfile; }
  swapon --show=NAME --noheadings | grep -qx /swapfile || swapon /swapfile
}

volume() {
  for _ in $(seq 60); do [ -e /dev/sdf ] && break; sleep 1; done
  blkid /dev/sdf >/dev/null || mkfs.xfs /dev/sdf
  mkdir -p "$data"
  mountpoint -q "$data" || mount /dev/sdf "$data"
}

# One line of JARS: SHA-256 and path in Maven's repository.
jars() {
  mkdir -p "$libs.new"
  while read -r sum path; do
    file=${path##*/}
    [ -e "$libs/$file" ] && cp "$libs/$file" "$libs.new/$file"
    echo "$sum  $libs.new/$file" | sha256sum --check --status 2>/dev/null ||
      curl --fail --silent --show-error --retry 5 --output "$libs.new/$file" "$maven/$path"
    echo "$sum  $libs.new/$file" | sha256sum --check --quiet
  done <<<"$JARS"
  rm -rf "$libs" && mv "$libs.new" "$libs"
}

# An authority of this broker's own, which Lambda's pollers are told to trust, and a certificate for its name.
certificate() {
  tls="$data/tls"
  [ -e "$tls/key-store.pem" ] && return
  rm -rf "$tls.new" && mkdir -p "$tls.new" && cd "$tls.new"
  openssl req -x509 -newkey rsa:2048 -noenc -days 7300 -subj "/CN=$HOST authority" -keyout ca.key -out ca.pem 2>/dev/null
  openssl req -newkey rsa:2048 -noenc -subj "/CN=$HOST" -keyout broker.key -out broker.csr 2>/dev/null
  openssl x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 7300 -out broker.pem 2>/dev/null \
    -extfile <(printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$HOST")
  cat broker.key broker.pem ca.pem >key-store.pem
  aws secretsmanager put-secret-value --region "$REGION" --secret-id "$CA_SECRET" \
    --secret-string "$(python3 -c 'import json; print(json.dumps({"certificate": open("ca.pem").read()}))')" >/dev/null
  rm ca.key
  cd / && rm -rf "$tls" && mv "$tls.new" "$tls"
}

tool() {
  # shellcheck disable=SC2086
  java $JVM_OPTIONS -cp "$libs/*" "$@"
}

field() {
  python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

format() {
  [ -e "$data/log/meta.properties" ] && return
  secret=$(aws secretsmanager get-secret-value --region "$REGION" --secret-id "$SCRAM_SECRET" --query SecretString --output text)
  user=$(field username <<<"$secret")
  password=$(field password <<<"$secret")
  tool kafka.tools.StorageTool format --cluster-id "$(tool kafka.tools.StorageTool random-uuid)" \
    --config "$properties" --add-scram "SCRAM-SHA-512=[name=$user,password=$password]" >/dev/null
}

service() {
  id kafka >/dev/null 2>&1 || useradd --system --home-dir "$data" kafka
  chown -R kafka "$data"
  cat >/etc/systemd/system/kafka.service <<UNIT
[Service]
User=kafka
ExecStart=/usr/bin/java $JVM_OPTIONS -cp $libs/* kafka.Kafka $properties
SuccessExitStatus=143
Restart=always
RestartSec=5
TimeoutStopSec=90
UNIT
  systemctl daemon-reload
  systemctl restart kafka
}

topic() {
  for _ in $(seq "${attempts:-60}"); do
    tool org.apache.kafka.tools.TopicCommand --bootstrap-server "$bootstrap" --create --if-not-exists --topic "$TOPIC" \
      --partitions "$PARTITIONS" --replication-factor 1 --config "retention.ms=$RETENTION_MS" && return
    sleep 5
  done
  return 1
}

packages() {
  names=(nftables java-21-amazon-corretto-headless)
  rpm -q "${names[@]}" >/dev/null || dnf install -q -y "${names[@]}"
}

setup() {
  swap
  packages
  nat
  volume
  jars
  certificate
  format
  service
  topic
}
