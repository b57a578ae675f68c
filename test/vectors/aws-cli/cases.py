"""The command lines of `aws s3 presign` that generate.py runs: keys, lives, places, profiles, sources of credentials."""

CLOCK = "20261125T101530Z"

ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEXAMPLE//////////wEaDH+7/x=tOkEn&with~more=="

KEYS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
V4 = "[default]\ns3 =\n    signature_version = s3v4\n"

# Each printable ASCII character but "/" stands alone in a key of its own, and inside of another.
ASCII = [chr(code) for code in range(0x20, 0x7F) if chr(code) != "/"]

NAMES = [
    "test.txt", "a/b/c/d/e/f/g", "..a", "a..", "...", ".hidden/.b", "a/..b/...", "~/.~", "plus+plus++", "a b  c", " leading",
    "trailing ", "'()!*", "it's (1)!*.txt", "a%2Fb", "a%2fb", "%%", "%25", "%zz", "%2", "100%", "a=b&c=d", "?query", "#fragment",
    "a?b#c", "a:b@c", "http:/x", "a;b,c", "é", "e\u0301", "Å", "ﬁ", "Grüße.txt", "ΑΒΓ/αβγ", "Привет мир", "שלום", "مرحبا",
    "日本語/ファイル.txt", "한국어", "हिन्दी", "🚀", "👩‍👩‍👧‍👦/👍🏽", "\ufeffbom", "no\u00a0break", "line\u2028separator", "\ue000private",
    "x" * 1024, "é" * 512, "🚀" * 256, "a/" * 511 + "a", "+" * 1024, "users/alice/IMG_0001 (kopie).jpg", 'a"b', "<a>&amp;</a>",
    "a,b;c", "x-id=GetObject", "X-Amz-Signature=0", "$(id)", "${filename}", "UPPER/lower", "0", "null",
    "folder/", "a//b", "//a", "a/b//", "tab\tkey", "line\nkey", "back\\slash", "\u0001", "a b/c d/",
]  # fmt: skip

REGIONS = [
    "us-east-1", "us-east-2", "us-west-1", "eu-west-1", "eu-central-1", "eu-south-2", "ap-southeast-1", "ap-northeast-3",
    "ca-central-1", "sa-east-1", "me-south-1", "af-south-1", "il-central-1", "us-gov-west-1", "us-gov-east-1", "cn-north-1",
    "cn-northwest-1", "us-iso-east-1", "us-isob-east-1",
]  # fmt: skip

ENDPOINTS = [
    "http://127.0.0.1:8000", "http://localhost:9000", "https://s3.example.com", "https://s3.example.com/",
    "https://minio.example.com:9443", "http://[::1]:8000", "https://s3.eu-central-003.backblazeb2.com",
    "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com", "https://storage.googleapis.com",
    "https://s3.example.com:443", "http://s3.example.com:80", "https://example.com/below/a/path",
    "https://s3.eu-west-1.amazonaws.com", "https://S3.Example.COM",
]  # fmt: skip


def case(args, env=None, config=V4, credentials=""):
    return {"args": args, "env": {**KEYS} if env is None else env, "config": config, "credentials": credentials}


def styled(style, more=""):
    return f"[default]\ns3 =\n    signature_version = s3v4\n    addressing_style = {style}\n{more}"


def places():
    for region in REGIONS:
        yield case(["s3://examplebucket/a b+c.txt", "--region", region])
        yield case(["s3://example.bucket.with.dots/test.txt", "--region", region])
    for endpoint in ENDPOINTS:
        for config in [V4, styled("virtual"), styled("path")]:
            yield case(["s3://examplebucket/é/+.txt", "--region", "eu-west-1", "--endpoint-url", endpoint], config=config)
        yield case(["s3://examplebucket/test.txt", "--endpoint-url", endpoint])
    for bucket in ["abc", "a-b-c", "a.b", "UPPER", "under_score", "x" * 63, "1.2.3", "bucket-"]:
        for config in [V4, styled("virtual"), styled("path"), styled("auto")]:
            yield case([f"s3://{bucket}/test.txt", "--region", "eu-west-1"], config=config)
    for bucket in ["a.b", "UPPER", "under_score"]:
        yield case([f"s3://{bucket}/t", "--region", "x", "--endpoint-url", "http://127.0.0.1:1"], config=styled("virtual"))
    regional = styled("auto", "    us_east_1_regional_endpoint = regional\n")
    yield case(["s3://examplebucket/test.txt", "--region", "us-east-1"], config=regional)
    yield case(["s3://examplebucket/test.txt"], env={**KEYS, "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "regional"})


SHARED = f"""[default]
region = eu-central-1
s3 =
    signature_version = s3v4
[profile dev]
region = ap-southeast-2
s3 =
    signature_version = s3v4
    addressing_style = path
[profile store]
region = us-east-1
endpoint_url = https://store.example.com
s3 =
    signature_version = s3v4
[profile services]
region = us-east-1
services = mine
s3 =
    signature_version = s3v4
[services mine]
s3 =
    endpoint_url = https://service.example.com
"""
CREDENTIALS = f"""[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = {SECRET}default
[dev]
aws_access_key_id = AKIADEV
aws_secret_access_key = {SECRET}dev
aws_session_token = {TOKEN}
[store]
aws_access_key_id = AKIASTORE
aws_secret_access_key = {SECRET}store
[services]
aws_access_key_id = AKIASERVICES
aws_secret_access_key = {SECRET}services
"""


def sources():
    uri = "s3://examplebucket/a b.txt"
    for profile in ["default", "dev", "store", "services"]:
        yield case([uri, "--profile", profile], {}, SHARED, CREDENTIALS)
        yield case([uri, "--profile", profile], KEYS, SHARED, CREDENTIALS)
        yield case([uri], {"AWS_PROFILE": profile}, SHARED, CREDENTIALS)
        yield case([uri], {"AWS_PROFILE": profile, **KEYS}, SHARED, CREDENTIALS)
        yield case([uri, "--profile", profile, "--region", "eu-west-3"], {}, SHARED, CREDENTIALS)
        yield case([uri, "--profile", profile, "--endpoint-url", "http://127.0.0.1:9"], {}, SHARED, CREDENTIALS)
    yield case([uri], {}, SHARED, CREDENTIALS)
    yield case([uri], {**KEYS, "AWS_SESSION_TOKEN": TOKEN})
    yield case([uri], {**KEYS, "AWS_DEFAULT_REGION": "eu-west-2"})
    yield case([uri, "--region", "eu-west-1"], {**KEYS, "AWS_DEFAULT_REGION": "eu-west-2"})
    yield case([uri], {**KEYS, "AWS_ENDPOINT_URL": "http://127.0.0.1:8001"})
    yield case([uri], {**KEYS, "AWS_ENDPOINT_URL": "http://127.0.0.1:8001", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:8002"})
    yield case([uri], {**KEYS, "AWS_ENDPOINT_URL": "http://127.0.0.1:8001", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"})
    yield case([uri], {"AWS_PROFILE": "store", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, SHARED, CREDENTIALS)
    yield case([uri], {"AWS_PROFILE": "store", "AWS_ENDPOINT_URL": "http://127.0.0.1:8001"}, SHARED, CREDENTIALS)


def cases():
    yield from (case([f"s3://examplebucket/{key}", "--region", "eu-west-1"]) for key in ASCII + NAMES)
    yield from (case([f"examplebucket/{key}"]) for key in ["test.txt", "a b", "é/+"])
    for seconds in [1, 59, 60, 900, 3599, 3601, 86400, 604799, 604800]:
        yield case(["s3://examplebucket/test.txt", "--region", "eu-west-1", "--expires-in", str(seconds)])
    yield from places()
    yield from sources()
