"""The cases that generate.py signs: every byte class of keys, queries, headers, places, tokens, times, POST policies."""

import base64
import hashlib

ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEXAMPLE//////////wEaDH+7/x=tOkEn&with~more=="

PLAIN = {
    "region": "eu-west-1",
    "addressing": "virtual",
    "bucket": "examplebucket",
    "accessKeyId": ACCESS_KEY_ID,
    "secretAccessKey": SECRET,
    "datetime": "20261125T101530Z",
    "expiresIn": 900,
}
CEPH = {"endpoint": "http://127.0.0.1:8000", "region": "us-east-1", "addressing": "path"}

# Each printable ASCII character but "/" and "\\" stands alone in a key of its own.
ASCII = [chr(code) for code in range(0x20, 0x7F) if chr(code) not in "/\\"]

KEYS = [
    "test.txt", "a/b/c/d/e/f/g", "..a", "a..", "...", ".hidden/.b", "a/..b/...", "-", "~", "_", "~/.~",
    "plus+plus++", "a b  c", " leading", "trailing ", "'()!*", "it's (1)!*.txt", "a%2Fb", "a%2fb", "%", "%%", "%25", "%zz",
    "%2", "a%2e%2eb", "%00", "100%", "a=b&c=d", "?query", "#fragment", "a?b#c", "a:b@c", "http:/x", "a;b,c", "$file.text",
    "é", "e\u0301", "Å", "\u212b", "ﬁ", "Grüße.txt", "ΑΒΓ/αβγ", "Привет мир", "שלום", "مرحبا بالعالم", "日本語/ファイル.txt",
    "한국어", "한국어", "ไทย", "हिन्दी", "🚀", "👩‍👩‍👧‍👦/👍🏽", "🇩🇪", "\ufeffbom", "no\u00a0break", "zero\u200bwidth", "line\u2028separator",
    "soft\u00adhyphen", "right\u202eleft", "\ue000private", "\U0010fffd", "\U0001f600" * 8, "\uffff", "ÿ", "\u07ff", "\u0800",
    "x" * 1024, "é" * 512, "€" * 341, "🚀" * 256, "/".join(["ab"] * 341), "a/" * 511 + "a", " " * 1024, "+" * 1024,
    "users/alice/2026/11/25/IMG_0001 (kopie).jpg", "CON", "a\"b", "<a>&amp;</a>", "a|b^c`d{e}[f]", "a,b;c", "x-id=GetObject",
    "X-Amz-Signature=0", "$(id)", "${filename}", "index.html", "a.b.c.tar.gz", "UPPER/lower/MiXed", "0", "null", "undefined",
]  # fmt: skip

QUERIES = [
    {"ResponseContentDisposition": value}
    for value in [
        "attachment", "inline", 'attachment; filename="a b.txt"', "attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe.txt",
        'attachment; filename="it\'s (1)!*.txt"', 'attachment; filename="a+b&c=d?e#f.txt"', 'attachment; filename="100%.txt"',
    ]  # fmt: skip
] + [
    {"ResponseContentType": "image/png"},
    {"ResponseContentType": "text/plain; charset=utf-8"},
    {"ResponseContentType": "application/vnd.api+json"},
    {"ResponseCacheControl": "no-cache, max-age=0"},
    {"ResponseContentLanguage": "de-AT, en;q=0.5"},
    {"ResponseContentEncoding": "gzip"},
    {"ResponseExpires": "Thu, 01 Dec 2033 16:00:00 GMT"},
    {"VersionId": "null"},
    {"VersionId": "3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY+MTRCxf3vjVBH40Nr8X8gdRQBpUMLUo"},
    {"VersionId": "a b'c(d)e!f*g~h"},
    {"PartNumber": 1},
    {"PartNumber": 10000, "VersionId": "v1"},
    {
        "ResponseContentDisposition": "attachment",
        "ResponseContentType": "application/octet-stream",
        "ResponseCacheControl": "private",
        "ResponseContentLanguage": "en",
        "ResponseContentEncoding": "br",
        "ResponseExpires": "Thu, 01 Dec 2033 16:00:00 GMT",
        "VersionId": "abc",
    },
]  # fmt: skip

LISTS = [
    {},
    {"Prefix": "users/alice/", "Delimiter": "/", "MaxKeys": 1000},
    {"Prefix": "a b+c/'()!*/é/🚀", "Delimiter": "/"},
    {"ContinuationToken": "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=", "FetchOwner": True},
    {"StartAfter": "a/b&c=d"},
]

# A header of Node, workerd and Python alike: ASCII, and runs of spaces collapse (Trimall of Signature V4).
PUTS = [
    {"ContentType": value}
    for value in ["image/png", "text/plain; charset=utf-8", "application/vnd.api+json", "multipart/mixed; boundary=\"a b\""]
] + [
    {"CacheControl": "public, max-age=31536000, immutable"},
    {"CacheControl": "a   b    c"},
    {"ContentDisposition": "attachment; filename=\"a b.txt\"; filename*=UTF-8''%C3%A9"},
    {"ContentEncoding": "gzip"},
    {"ContentLanguage": "de, en"},
    {"Expires": 1700000000},
    {"Metadata": {"uuid": "14365123651274"}},
    {"Metadata": {"b": "2", "a": "1", "ab": "3", "a-b": "4", "a_b": "5", "z.z": "6"}},
    {"Metadata": {"text": "a  b   c", "punctuation": "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~"}},
    {"Metadata": {"encoded": "=?UTF-8?B?R3LDvMOfZQ==?="}},
    {"Metadata": {"long": "x" * 2000}},
    {"IfNoneMatch": "*"},
    {"IfMatch": '"d41d8cd98f00b204e9800998ecf8427e"'},
    {"Tagging": "project=a%20b&team=c%2Bd"},
    {"ServerSideEncryption": "AES256"},
    {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "arn:aws:kms:eu-west-1:111122223333:key/1234", "BucketKeyEnabled": True},
    {"ACL": "private"},
    {"ExpectedBucketOwner": "111122223333"},
    {"RequestPayer": "requester"},
    {"WebsiteRedirectLocation": "/other page.html"},
    {"ContentMD5": "1B2M2Y8AsgTpgAmY7PhCfg=="},
] + [
    {"StorageClass": value}
    for value in ["STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "GLACIER_IR", "DEEP_ARCHIVE"]
]  # fmt: skip


def checksum(size, seed):
    return base64.b64encode(hashlib.sha512(seed.encode()).digest()[:size]).decode()


CHECKSUMS = [
    {f"Checksum{name}": checksum(size, seed)}
    for name, size in [("CRC32", 4), ("CRC32C", 4), ("CRC64NVME", 8), ("SHA1", 20), ("SHA256", 32)]
    for seed in ["one", "two", "three"]
]

PLACES = [
    {"region": "us-east-1"}, {"region": "us-west-2"}, {"region": "eu-central-1"}, {"region": "ap-southeast-4"},
    {"region": "cn-north-1"}, {"region": "us-gov-west-1"}, {"region": "eu-west-1", "addressing": "path"},
    {"region": "eu-west-1", "bucket": "bucket.with.dots", "addressing": "path"}, {"region": "eu-west-1", "bucket": "a-b-3"},
    CEPH, {**CEPH, "endpoint": "http://localhost:9000"}, {**CEPH, "endpoint": "http://localhost"},
    {"endpoint": "http://localhost:8001", "region": "us-east-1"}, {"endpoint": "https://s3.example.com:8443", "region": "local"},
    {"endpoint": "https://s3.example.com:443", "region": "us-east-1"}, {**CEPH, "endpoint": "http://127.0.0.1:80"},
    {"endpoint": "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com", "region": "auto", "addressing": "path"},
    {"endpoint": "http://localhost:8787/cdn-cgi/local/r2/s3", "region": "auto", "addressing": "path"},
    {"endpoint": "https://s3.us-west-004.backblazeb2.com", "region": "us-west-004"},
    {"endpoint": "https://s3.eu-central-1.wasabisys.com", "region": "eu-central-1"},
    {"endpoint": "https://storage.googleapis.com", "region": "auto", "addressing": "path"},
    {"endpoint": "https://[::1]:9000", "region": "us-east-1", "addressing": "path"},
]  # fmt: skip

TIMES = ["20130524T000000Z", "20240229T235959Z", "19991231T235959Z", "20261231T000001Z", "20991231T120000Z"]
EXPIRIES = [1, 2, 59, 60, 61, 899, 900, 3600, 86399, 86400, 86401, 604799, 604800]
SECRETS = ["a", "s" * 128, "+/=", "postern/test+secret/0123456789abcdefghij", "!\"#$%&'()*+,-.:;<=>?@[]^_`{|}~"]
KEY_IDS = ["A", "003a1b2c3d4e5f60000000001", "GOOG1EXAMPLE", "a/b+c=d", "k" * 128]
UPLOAD_IDS = ["2~abcdefghij_KLMNOP-q", "VXBsb2FkIElEIGZvciBlbHZpbmcncyBtb3ZpZS5tcDQ=", "a b/c+d'e(f)g!h*i~j", "x" * 512]


def of(name, operation, parameters=(), **more):
    return {"name": name, **PLAIN, "operation": operation, "parameters": dict(parameters), **more}


def requests():
    yield from (of(f"character {ord(c):02x}", "get_object", {"Key": f"a{c}b"}, **CEPH) for c in ASCII)
    yield from (of(f"key {at}", "get_object", {"Key": key}) for at, key in enumerate(KEYS))
    yield from (of(f"put key {at}", "put_object", {"Key": key}, **CEPH) for at, key in enumerate(KEYS))
    yield from (of(f"query {at}", "get_object", {"Key": "a b.txt", **query}) for at, query in enumerate(QUERIES))
    yield from (of(f"list {at}", "list_objects_v2", query) for at, query in enumerate(LISTS))
    yield from (of(f"list {at}, path", "list_objects_v2", query, **CEPH) for at, query in enumerate(LISTS))
    for at, headers in enumerate([*PUTS, *CHECKSUMS]):
        yield of(f"put {at}", "put_object", {"Key": "a.bin", **headers}, addedHeaders={"Content-Length": "1234"})
    everything = {name: value for headers in reversed(PUTS) for name, value in headers.items()}
    yield of("put everything", "put_object", {"Key": "a.bin", **everything}, addedHeaders={"Content-Length": "5368709120"})
    yield of("put nothing", "put_object", {"Key": "a.bin"}, addedHeaders={"Content-Length": "0"})
    yield of("put for GCS", "put_object", {"Key": "a.bin"}, addedHeaders={"x-goog-if-generation-match": "0"})
    for at, place in enumerate(PLACES):
        for operation in ["get_object", "put_object", "delete_object"]:
            yield of(f"place {at}, {operation}", operation, {"Key": "dir/a +b.txt"}, **place)
    for operation in ["head_object", "delete_object"]:
        yield from (of(f"{operation} {key}", operation, {"Key": key}) for key in ["a.txt", "ü/+ '()!*"])
        yield of(f"{operation} version", operation, {"Key": "a.txt", "VersionId": "3/L4+k="})
    for at, upload in enumerate(UPLOAD_IDS):
        part = {"Key": "big.iso", "UploadId": upload}
        for number in [1, 2, 10, 9999, 10000]:
            yield of(f"part {number} of {at}", "upload_part", {**part, "PartNumber": number}, addedHeaders={"Content-Length": "8388608"})
        yield of(f"part with checksum of {at}", "upload_part", {**part, "PartNumber": 3, **CHECKSUMS[at * 3]})
        yield of(f"parts of {at}", "list_parts", part)
        yield of(f"abort of {at}", "abort_multipart_upload", part)
    for seconds in EXPIRIES:
        yield of(f"expires in {seconds}", "get_object", {"Key": "a.txt"}, expiresIn=seconds)
        yield of(f"put expires in {seconds}", "put_object", {"Key": "a.txt"}, expiresIn=seconds, sessionToken=TOKEN)
    for at, token in enumerate([TOKEN, "t", "x" * 2000, "a+b/c=="]):
        yield of(f"token {at}", "get_object", {"Key": "a.txt", "VersionId": "v"}, sessionToken=token)
        yield of(f"token {at}, path", "put_object", {"Key": "a.txt", "ContentType": "a/b"}, sessionToken=token, **CEPH)
    yield from (of(f"at {time}", "get_object", {"Key": "a.txt"}, datetime=time) for time in TIMES)
    yield from (of(f"secret {at}", "get_object", {"Key": "a.txt"}, secretAccessKey=s) for at, s in enumerate(SECRETS))
    yield from (of(f"key id {at}", "get_object", {"Key": "a.txt"}, accessKeyId=k) for at, k in enumerate(KEY_IDS))


def post(name, conditions=(), fields=(), **more):
    target = {} if "prefix" in more else {"key": "users/alice/photo.jpg"}
    return {"name": name, **PLAIN, **target, "conditions": list(conditions), "fields": dict(fields), **more}


def posts():
    image = ["starts-with", "$Content-Type", "image/"]
    size = ["content-length-range", 0, 5 * 2**30]
    yield post("exact key")
    yield from (post(f"key {at}", [size], key=key) for at, key in enumerate(KEYS[:40]))
    yield from (post(f"prefix {at}", [size, image], prefix=p) for at, p in enumerate(["", "users/alice/", "ü +/'()!*/🚀/", '"/']))
    yield from (post(f"size {a} to {b}", [["content-length-range", a, b]]) for a, b in [(0, 0), (1, 1), (0, 10**15), (5, 2**53 - 1)])
    yield post("exact type", [size], {"Content-Type": "image/png"})
    yield post("type with quotes", [], {"Content-Type": 'multipart/mixed; boundary="a\\b"'})
    yield post("metadata", [size], {"x-amz-meta-a": "1", "x-amz-meta-b": "é 🚀"})
    yield post("status", [], {"success_action_status": "201"})
    yield post("token", [size, image], sessionToken=TOKEN, prefix="a/")
    yield from (post(f"place {at}", [size], **place) for at, place in enumerate(PLACES))
    yield from (post(f"expires in {seconds}", expiresIn=seconds) for seconds in EXPIRIES)
