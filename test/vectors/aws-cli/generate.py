"""Runs `aws s3 presign` of the AWS command line, version 1, for the cases of cases.py and writes vectors.json.

Any Python with awscli will do: python test/vectors/aws-cli/generate.py
Each case is a command line, an environment and shared files of its own; the clock is given, signatures are version 4.
"""

import datetime
import io
import json
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import awscli
import awscli.clidriver
import botocore.auth
import botocore.signers
from cases import CLOCK, cases

# Set by awscli when it is imported: where its own data is.
DATA_PATH = os.environ["AWS_DATA_PATH"]
FOLDER = pathlib.Path(__file__).parent
NOW = datetime.datetime.strptime(CLOCK, "%Y%m%dT%H%M%SZ")
botocore.auth.get_current_datetime = botocore.signers.get_current_datetime = lambda *_, **__: NOW


def run(case, folder):
    """What the command prints; its whole environment is that of the case."""
    config, credentials = folder / "config", folder / "credentials"
    config.write_text(case["config"], encoding="utf-8")
    credentials.write_text(case["credentials"], encoding="utf-8")
    os.environ.clear()
    os.environ.update(
        {
            **case["env"],
            "AWS_CONFIG_FILE": str(config),
            "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
            "AWS_DATA_PATH": DATA_PATH,
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": str(folder),
            "PATH": "",
            "LC_ALL": "C.UTF-8",
        }
    )
    out, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        code = awscli.clidriver.create_clidriver().main(["s3", "presign", *case["args"]])
        sys.stdout.seek(0)
        printed = sys.stdout.read()
    finally:
        sys.stdout = out
    if code != 0:
        return None
    return printed.strip("\n")


with tempfile.TemporaryDirectory() as folder:
    vectors = [{**case, "url": run(case, pathlib.Path(folder))} for case in cases()]
lines = ",\n".join(json.dumps(vector, ensure_ascii=False, separators=(",", ":")) for vector in vectors)
text = f'{{"awscli":"{awscli.__version__}","clock":"{CLOCK}","vectors":[\n{lines}\n]}}\n'
(FOLDER / "vectors.json").write_text(text, encoding="utf-8")
print(f"{len(vectors)} vectors")
