#!/usr/bin/env bash
# A strict S3 on 127.0.0.1 for the suite: Ceph RADOS Gateway with one monitor and one in-memory OSD, from Debian's packages.
#   ceph.sh install     installs the packages (root)
#   ceph.sh start DIR   starts it under DIR on CEPH_PORT (default 8333) and prints the variables the suite reads
#   ceph.sh stop DIR    ends its daemons and removes DIR
set -euo pipefail
dir=${2:-${TMPDIR:-/tmp}/postern-ceph}
port=${CEPH_PORT:-8333} mon=${CEPH_MON_PORT:-13333}
# A second gateway on the same storage has the token service: where it is on, Ceph tells unknown keys and wrong secrets
# no longer apart from what is not allowed.
sts_port=${CEPH_STS_PORT:-$((port + 1))}
conf=$dir/ceph.conf
other_access=POSTERNCEPHOTHER001 other_secret='other/test+secret/0123456789abcdefghijk'
access=POSTERNCEPHTEST0001 secret='ceph/test+secret/0123456789abcdefghijkl'

write_conf() {
  mkdir -p "$dir"/{run,log,mon,osd0,rgw,sts}
  cat > "$conf" <<CONF
[global]
fsid = 5f0c1d52-6a1e-4c58-9a55-0a1b2c3d4e5f
mon initial members = a
mon host = [v2:127.0.0.1:$mon,v1:127.0.0.1:$((mon + 1))]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
public network = 127.0.0.0/8
auth cluster required = none
auth service required = none
auth client required = none
auth allow insecure global id reclaim = true
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 2000
ms mon client mode = crc
ms client mode = crc
ms mon cluster mode = crc
ms mon service mode = crc
ms cluster mode = crc
ms service mode = crc
run dir = $dir/run
admin socket = $dir/run/\$name.asok
pid file = $dir/run/\$name.pid
log file = $dir/log/\$name.log
[mon.a]
host = localhost
mon data = $dir/mon
mon data avail crit = 1
mon cluster log file = $dir/log/cluster.log
[osd]
osd data = $dir/osd\$id
osd objectstore = memstore
memstore device bytes = 4294967296
osd class load list = *
osd class default list = *
osd max object name len = 2048
osd max object namespace len = 256
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$port
rgw data = $dir/rgw
rgw s3 auth use keystone = false
rgw dns name = s3.localhost
rgw crypt require ssl = false
rgw init timeout = 60
[client.sts]
rgw frontends = beast endpoint=127.0.0.1:$sts_port
rgw data = $dir/sts
rgw s3 auth use keystone = false
rgw dns name = s3.localhost
rgw crypt require ssl = false
rgw init timeout = 60
rgw s3 auth use sts = true
rgw sts key = postern-sts-0001
CONF
}

boot() {
  monmaptool --create --clobber --fsid 5f0c1d52-6a1e-4c58-9a55-0a1b2c3d4e5f --addv a "[v2:127.0.0.1:$mon,v1:127.0.0.1:$((mon + 1))]" "$dir/monmap"
  ceph-mon -c "$conf" --mkfs -i a --monmap "$dir/monmap"
  ceph-mon -c "$conf" -i a
  local osd=9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d
  timeout 60 ceph -c "$conf" osd create "$osd"
  ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid "$osd"
  ceph-osd -c "$conf" -i 0
  for _ in $(seq 120); do timeout 10 ceph -c "$conf" osd stat 2>/dev/null | grep -q '1 up' && break; sleep 0.5; done
  radosgw -c "$conf" -n client.rgw
  for _ in $(seq 240); do curl -s -o /dev/null "http://127.0.0.1:$port/" && break; sleep 0.5; done
  radosgw-admin -c "$conf" -n client.rgw user create --uid=postern --display-name=postern --access-key="$access" --secret="$secret"
  radosgw-admin -c "$conf" -n client.rgw user create --uid=other --display-name=other --access-key="$other_access" --secret="$other_secret"
  radosgw -c "$conf" -n client.sts
  for _ in $(seq 240); do curl -s -o /dev/null "http://127.0.0.1:$sts_port/" && break; sleep 0.5; done
  # A role that the user may assume, so that temporary credentials are those of a real token service.
  radosgw-admin -c "$conf" -n client.rgw role create --role-name=gate --assume-role-policy-doc='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/postern"]},"Action":["sts:AssumeRole"]}]}'
  radosgw-admin -c "$conf" -n client.rgw role-policy put --role-name=gate --policy-name=all --policy-doc='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":"arn:aws:s3:::*"}]}'
}

case ${1:-} in
install)
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends ceph-mon ceph-osd ceph-common radosgw curl >/dev/null
  ;;
start)
  write_conf
  boot >"$dir/log/start.log" 2>&1 || { tail -n 20 "$dir/log/start.log" >&2; exit 1; }
  echo "export S3_ENDPOINT=http://127.0.0.1:$port S3_REGION=us-east-1 S3_ACCESS_KEY_ID=$access S3_SECRET_ACCESS_KEY='$secret' S3_OTHER_ACCESS_KEY_ID=$other_access S3_OTHER_SECRET_ACCESS_KEY='$other_secret' S3_STS_ENDPOINT=http://127.0.0.1:$sts_port"
  ;;
stop)
  for name in client.sts client.rgw osd.0 mon.a; do
    pid=$(cat "$dir/run/$name.pid" 2>/dev/null) || continue
    grep -q "$conf" "/proc/$pid/cmdline" 2>/dev/null || continue
    kill "$pid" || true
    for _ in $(seq 20); do [ -d "/proc/$pid" ] || break; sleep 0.25; done
    [ -d "/proc/$pid" ] && kill -9 "$pid" || true
  done
  rm -rf "$dir"
  ;;
*)
  sed -n '2,5p' "$0"
  exit 2
  ;;
esac
