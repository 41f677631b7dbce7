"""A stand-in for S3 (moto) with a bucket, driven by lines of JSON on standard input; each gets one line of JSON back."""

import datetime
import http.server
import ipaddress
import json
import logging
import pathlib
import ssl
import sys
import threading
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


class Machine(http.server.BaseHTTPRequestHandler):
    """Hands out a role's keys, as an instance, a container and the Security Token Service do."""

    token = "the-token-of-the-container"
    keys = {}
    asked = []

    def say(self, text, status=200):
        self.asked.append(self.requestline)
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self):
        self.say("the-session" if self.path == "/latest/api/token" else "", 200)

    def do_GET(self):
        of_instance = self.headers.get("X-aws-ec2-metadata-token") == "the-session"
        below = "/latest/meta-data/iam/security-credentials/"
        if self.path == below and of_instance:
            self.say("reader")
        elif (self.path == below + "reader" and of_instance) or (
            self.path == "/container" and self.headers.get("Authorization") == self.token
        ):
            k = self.keys
            named = {"AccessKeyId": k["AccessKeyId"], "SecretAccessKey": k["SecretAccessKey"], "Token": k["SessionToken"]}
            self.say(json.dumps(named | {"Expiration": expires()}))
        else:
            self.say("refused", 403)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        good = "AssumeRoleWithWebIdentity" in self.path and "WebIdentityToken=of" in self.path
        names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
        inside = "".join(f"<{name}>{self.keys[name]}</{name}>" for name in names) + f"<Expiration>{expires()}</Expiration>"
        whole = "AssumeRoleWithWebIdentityResponse"
        result = "AssumeRoleWithWebIdentityResult"
        self.say(f"<{whole}><{result}><Credentials>{inside}</Credentials></{result}></{whole}>", 200 if good else 403)

    def log_message(self, *_):
        pass


def expires():
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    return end.strftime("%Y-%m-%dT%H:%M:%SZ")


def certificate(folder):
    """Puts a certificate for this machine, and its key, into a folder."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).add_extension(names, False)
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
    made = builder.sign(key, hashes.SHA256())
    folder.mkdir()
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(pem)
    return folder / "certificate.pem", folder / "key.pem"


def machine(folder):
    checks(False)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(policy))
    statements = [{"Effect": "Allow", "Action": f"s3:{action}", "Resource": place} for action, place in POLICY.items()]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName="reader", PolicyName="reader", PolicyDocument=document)
    sts = boto3.client("sts", **root)
    role = iam.get_role(RoleName="reader")["Role"]["Arn"]
    Machine.keys = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    checks(True)
    plain, safe = (http.server.ThreadingHTTPServer(("127.0.0.1", 0), Machine) for _ in range(2))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certified, key = certificate(folder)
    context.load_cert_chain(certified, key)
    safe.socket = context.wrap_socket(safe.socket, server_side=True)
    for one in (plain, safe):
        threading.Thread(target=one.serve_forever, daemon=True).start()
    places = {"http": f"http://127.0.0.1:{plain.server_port}", "https": f"https://127.0.0.1:{safe.server_port}"}
    return places | {"token": Machine.token, "secret": Machine.keys["SecretAccessKey"], "certificate": str(certified)}


def do(command):
    what = command["do"]
    if what == "machine":
        return machine(pathlib.Path(command["folder"]))
    if what == "asked":
        return list(Machine.asked)
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
