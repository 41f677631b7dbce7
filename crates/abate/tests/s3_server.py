"""A stand-in for S3 (moto) with a bucket, driven by lines of JSON on standard input; each gets one line of JSON back."""

import json
import logging
import pathlib
import sys
import urllib.request

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "logs"
POLICY = {"ListBucket": f"arn:aws:s3:::{BUCKET}", "GetObject": f"arn:aws:s3:::{BUCKET}/*"}
requests = []


class Requests(logging.Handler):
    """Keeps the request line of everything that the server is asked."""

    def emit(self, record):
        line = record.getMessage().split('"')
        if len(line) > 2:
            words = line[1].replace("\x1b[31m", "").replace("\x1b[1m", "").replace("\x1b[0m", "").replace("\x1b[33m", "").split(" ")
            requests.append(f"{words[0]} {words[1]}")


log = logging.getLogger("werkzeug")
log.setLevel(logging.INFO)
log.addHandler(Requests())
log.propagate = False

out, sys.stdout = sys.stdout, sys.stderr
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
server.start()
host, port = server.get_host_and_port()
endpoint = f"http://{host}:{port}"
root = {"endpoint_url": endpoint, "region_name": "us-east-1", "aws_access_key_id": "root", "aws_secret_access_key": "root"}
s3, iam = boto3.client("s3", **root), boto3.client("iam", **root)


def checks(begin):
    """From now on the server checks signatures and permissions, or not."""
    unchecked = b"0" if begin else b"1000000000"
    ask = urllib.request.Request(f"{endpoint}/moto-api/reset-auth", data=unchecked, headers={"Content-Type": "text/plain"})
    urllib.request.urlopen(ask).read()


def permissions(actions):
    statements = [{"Effect": "Allow", "Action": f"s3:{action}", "Resource": POLICY[action]} for action in actions]
    statements = statements or [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]
    policy = {"Version": "2012-10-17", "Statement": statements}
    iam.put_user_policy(UserName="reader", PolicyName="reader", PolicyDocument=json.dumps(policy))


def do(command):
    what = command["do"]
    if what == "upload":
        folder = pathlib.Path(command["folder"])
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            s3.put_object(Bucket=BUCKET, Key=command["prefix"] + str(file.relative_to(folder)), Body=file.read_bytes())
    elif what == "put":
        for key in command["keys"]:
            s3.put_object(Bucket=BUCKET, Key=key, Body=command["text"].replace("KEY", key).encode(), **command.get("more", {}))
    elif what == "delete":
        s3.delete_object(Bucket=BUCKET, Key=command["key"])
    elif what == "permit":
        checks(False)
        permissions(command["actions"])
        checks(True)
    elif what == "requests":
        return list(requests)
    return "done"


s3.create_bucket(Bucket=BUCKET)
iam.create_user(UserName="reader")
key = iam.create_access_key(UserName="reader")["AccessKey"]
permissions(["ListBucket", "GetObject"])
checks(True)
print(json.dumps({"endpoint": endpoint, "id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}), file=out, flush=True)
for line in sys.stdin:
    command = json.loads(line)
    if command["do"] in ("upload", "put", "delete"):
        checks(False)
        answer = do(command)
        checks(True)
    else:
        answer = do(command)
    requests.clear()
    print(json.dumps(answer), file=out, flush=True)
