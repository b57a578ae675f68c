"""Uploads a file of any size, in parts where it is large. Standard library alone.

    POSTERN_URL=https://files.example.com POSTERN_TOKEN=... python3 upload.py film.mp4 users/alice/film.mp4
"""
import json
import mimetypes
import os
import sys
import urllib.request

GATEWAY, TOKEN = os.environ["POSTERN_URL"], os.environ["POSTERN_TOKEN"]


def ask(path, body):
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    request = urllib.request.Request(GATEWAY + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def send(part, data):
    """Sends one part as it was signed, and gives its ETag."""
    request = urllib.request.Request(part["url"], data, part["headers"], method=part["method"])
    # urllib would add a type of its own, which was not signed.
    if not any(name.lower() == "content-type" for name in part["headers"]):
        request.add_header("Content-Type", "")
    with urllib.request.urlopen(request) as answer:
        return answer.headers["ETag"]


def upload(path, key, bucket="media"):
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    plan = ask("/v1/uploads", {"bucket": bucket, "key": key, "size": os.path.getsize(path), "type": kind})
    ready, sent = {part["partNumber"]: part for part in plan["parts"]}, []
    with open(path, "rb") as file:
        for number in range(1, plan["partCount"] + 1):
            if number not in ready:
                last = min(number + 99, plan["partCount"])
                wanted = [{"partNumber": n} for n in range(number, last + 1)]
                more = ask(f"/v1/uploads/{plan['id']}/parts", {"parts": wanted})
                ready = {part["partNumber"]: part for part in more["parts"]}
            etag = send(ready[number], file.read(ready[number]["size"]))
            sent.append({"partNumber": number, "etag": etag})
    # A single PUT has no parts to name.
    return ask(f"/v1/uploads/{plan['id']}/complete", {"parts": sent} if plan["strategy"] == "multipart" else {})


if __name__ == "__main__":
    print(json.dumps(upload(sys.argv[1], sys.argv[2])))
