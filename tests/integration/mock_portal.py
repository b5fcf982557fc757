"""A portal of a few lines, for the tests of the stand-in: it believes only what is rightly signed and keeps to the contract."""

import http.client
import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from core.numbers import order_number
from integration import contract, signature
from integration.sesam2_docs.examples import PORTAL_GLN, SESAM2_GLN, make_examples

ROOT = Path(__file__).resolve().parents[2]
PORTAL_KEY, PORTAL_SECRET = "portal-demo", "demo-secret-of-the-portal"
SESAM2_KEYS = {"sesam2-demo": "demo-secret-of-sesam2"}
EXAMPLES = make_examples()
K = EXAMPLES["CustomerOrder"]["subject"]


class Portal:
    """Stores what SESAM2 sends, once for each messageId, with the project's own code for signature and contract."""

    def __init__(self):
        self.stored, self.arrivals, self.answers, self.delay, self.broken = [], [], [], 0.0, []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self):
                outer.put(self)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def put(self, request):
        raw = request.rfile.read(int(request.headers["Content-Length"]))
        try:
            verified = signature.verify(method="PUT", path_and_query=request.path, headers=dict(request.headers), body=raw, keys=SESAM2_KEYS)
            envelope, body = contract.parse_incoming(raw)
            assert request.path == f"/api/sesam2/v1/messages/{envelope.message_id}"
            assert verified.nonce == str(envelope.message_id)
            assert (envelope.sender, envelope.receiver) == (SESAM2_GLN, PORTAL_GLN)
        except (signature.BadSignature, contract.ContractError, AssertionError) as error:
            self.broken.append(error)
            self.answer(request, getattr(error, "status", 401), {})
            return
        time.sleep(self.delay)
        self.arrivals.append((envelope, body, time.monotonic()))
        status, headers = self.answers.pop(0) if self.answers else (0, {})
        if status == 0:
            status = 200 if envelope.message_id in [known.message_id for known, _ in self.stored] else 202
            if status == 202:
                self.stored.append((envelope, body))
        self.answer(request, status, headers)

    def answer(self, request, status, headers):
        if status == -1:
            request.close_connection = True
            return
        request.send_response(status)
        request.send_header("Content-Length", "0")
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()

    def said(self, subject=K):
        """(messageType, what it says in short) of each message about the subject, by sequence."""
        found = [(envelope.sequence, envelope.message_type, body) for envelope, body in list(self.stored) if envelope.subject == subject]
        found.sort(key=lambda item: item[0])
        return [(name, str(getattr(body, "code", None) or getattr(body, "status", None) or "")) for _, name, body in found]

    def bodies(self, name):
        return [body for envelope, body in self.stored if envelope.message_type == name]

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def until(condition, seconds=8.0):
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
    return answer


def example(name="CustomerOrder", running=None, message_id=None, **body):
    """An example under another number and a messageId of its own."""
    message = json.loads(json.dumps(EXAMPLES[name]))
    message["messageId"] = message_id or str(uuid.uuid4())
    message["body"] |= body
    if running is not None:
        message["subject"] = message["body"]["orderNumber"] = order_number(message["subject"][0], 2026, running)
    return message


def ask(mock, method, target, body=b"", headers=None, *, nonce=None, key_id=PORTAL_KEY, secret=PORTAL_SECRET, skew=0, content_type="application/json"):
    """One signed request of the portal: status, headers, body."""
    signed = signature.sign(
        method=method, path_and_query=target, nonce=nonce or str(uuid.uuid4()), body=body, key_id=key_id, secret=secret, timestamp=int(time.time()) + skew
    )
    if method == "PUT" and content_type:
        signed["Content-Type"] = content_type
    connection = http.client.HTTPConnection("127.0.0.1", mock.config.port, timeout=10)
    try:
        connection.request(method, target, body or None, signed | (headers or {}))
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def put(mock, message, **changes):
    return ask(mock, "PUT", f"/messages/{message['messageId']}", contract.dump(message), nonce=message["messageId"], **changes)[0]


def get_json(mock, target):
    status, _, body = ask(mock, "GET", target)
    assert status == 200, body
    return json.loads(body)
