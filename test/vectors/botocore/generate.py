"""Pre-signs the cases of cases.py with botocore and writes vectors.json, one vector a line.

Any Python with botocore will do: python test/vectors/botocore/generate.py
The clock is given by each case, so that the same botocore writes the same bytes again.
"""

import datetime
import json
import pathlib
import urllib.parse

import botocore
import botocore.auth
import botocore.session
import botocore.signers
from botocore.config import Config
from botocore.credentials import Credentials

from cases import posts, requests

FOLDER = pathlib.Path(__file__).parent
PLACE = ["accessKeyId", "secretAccessKey", "sessionToken", "region", "endpoint", "addressing"]


CLIENTS = {}
# Headers that the next request gets before it is signed, and what was seen while signing it.
added, seen = {}, {}


def add_headers(request, **_):
    for name, value in added.items():
        request.headers[name] = value


class Recorder(botocore.auth.S3SigV4QueryAuth):
    def canonical_request(self, request):
        headers = self.headers_to_sign(request)
        seen["headers"] = {name.lower(): headers[name] for name in headers if name.lower() != "host"}
        seen["canonicalRequest"] = super().canonical_request(request)
        return seen["canonicalRequest"]

    def string_to_sign(self, request, canonical_request):
        seen["stringToSign"] = super().string_to_sign(request, canonical_request)
        return seen["stringToSign"]


botocore.auth.AUTH_TYPE_MAPS["s3v4-query"] = Recorder


def to_client(case):
    place = tuple(case.get(name) for name in PLACE)
    CLIENTS[place] = CLIENTS.get(place) or make_client(case)
    return CLIENTS[place]


def make_client(case):
    session = botocore.session.Session()
    session._credentials = Credentials(case["accessKeyId"], case["secretAccessKey"], case.get("sessionToken"))
    client = session.create_client(
        "s3",
        region_name=case["region"],
        endpoint_url=case.get("endpoint"),
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": case["addressing"], "us_east_1_regional_endpoint": "regional"},
            # Checksums are those that a case names, never added by default.
            request_checksum_calculation="when_required",
        ),
    )
    client.meta.events.register("before-sign.s3", add_headers)
    return client


def set_clock(text):
    now = datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ")
    botocore.auth.get_current_datetime = botocore.signers.get_current_datetime = lambda *_, **__: now


def to_request_vector(case):
    """What botocore signs, stage by stage; `query` and `headers` are what a client of the URL must know or send."""
    operation, parameters = case.pop("operation"), case.pop("parameters")
    added.clear()
    added.update(case.pop("addedHeaders", {}))
    set_clock(case["datetime"])
    url = to_client(case).generate_presigned_url(
        operation, Params={"Bucket": case["bucket"], **parameters}, ExpiresIn=case["expiresIn"]
    )
    pairs = urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, keep_blank_values=True)
    query = {name: value for name, value in pairs if not name.startswith("X-Amz-")}
    method = seen["canonicalRequest"].split("\n", 1)[0]
    key = {"key": parameters["Key"]} if "Key" in parameters else {}
    return {**case, "method": method, **key, "query": query, **seen, "url": url}


def to_post_vector(case):
    set_clock(case["datetime"])
    answer = to_client(case).generate_presigned_post(
        Bucket=case["bucket"],
        Key=case["key"] if "key" in case else case["prefix"] + "${filename}",
        Fields=dict(case["fields"]),
        Conditions=[*case["conditions"], *({name: value} for name, value in case["fields"].items())],
        ExpiresIn=case["expiresIn"],
    )
    return {**case, **answer}


def to_lines(vectors):
    return ",\n".join(json.dumps(vector, ensure_ascii=False, separators=(",", ":")) for vector in vectors)


requests = [to_request_vector(case) for case in requests()]
posts = [to_post_vector(case) for case in posts()]
text = f'{{"botocore":"{botocore.__version__}","requests":[\n{to_lines(requests)}\n],"posts":[\n{to_lines(posts)}\n]}}\n'
(FOLDER / "vectors.json").write_text(text, encoding="utf-8")
print(f"{len(requests)} requests, {len(posts)} POST policies")
