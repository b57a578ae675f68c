#!/usr/bin/env bash
# Uploads a file of up to 8 MiB with curl: asks for a place, sends the bytes to S3, and has the gateway verify them.
#   POSTERN_URL=https://files.example.com POSTERN_TOKEN=… bash upload.sh photo.png users/alice/photo.png image/png
set -euo pipefail
file=$1 key=$2 type=${3:-application/octet-stream}

ask() { # METHOD PATH [BODY]
  curl --silent --show-error --fail-with-body --request "$1" "$POSTERN_URL$2" \
    --header "Authorization: Bearer $POSTERN_TOKEN" --header 'Content-Type: application/json' --data "${3:-{\}}"
}
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

size=$(wc -c <"$file" | tr -d ' ')
plan=$(ask POST /v1/uploads "{\"bucket\":\"media\",\"key\":\"$key\",\"size\":$size,\"type\":\"$type\"}")
id=$(member id <<<"${plan%%,*}")

# Every header of the answer is signed and must be sent; curl sets Content-Length by itself.
headers=()
while IFS= read -r header; do headers+=(--header "$header"); done < <(
  grep -o '"headers":{[^}]*}' <<<"$plan" | sed 's/^"headers":{//; s/}$//' |
    grep -o '"[^"]*":"[^"]*"' | sed 's/^"\([^"]*\)":"\([^"]*\)"$/\1: \2/' | grep -v '^content-length:'
)
curl --silent --show-error --fail --output /dev/null --upload-file "$file" "${headers[@]}" "$(member url <<<"$plan")"
ask POST "/v1/uploads/$id/complete"
echo
