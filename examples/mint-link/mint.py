# POSTERN_URL=… ISSUER=… SESSION_SECRET=… python3 mint.py BUCKET KEY [TERMS]: prints a link, made without asking the gateway.
import base64, hashlib, hmac, json, os, sys, time

bucket, key, terms = (sys.argv[1:] + ["{}"])[:3]
url, now = os.environ["POSTERN_URL"], int(time.time())
encode = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode()
claims = {"iss": os.environ["ISSUER"], "sub": os.environ.get("SUBJECT", "alice"), "aud": url + "/l",
          "iat": now, "exp": now + 7 * 86400, "bucket": bucket, "key": key, **json.loads(terms)}
text = ".".join(encode(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "postern-link+jwt"}, claims))
signature = hmac.new(os.environ["SESSION_SECRET"].encode(), text.encode(), hashlib.sha256).digest()
print(f"{url}/l/{text}.{encode(signature)}")
