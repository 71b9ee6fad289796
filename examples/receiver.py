"""Receive webhooks: verify the signature, process each message once and respond at once."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ihf_client import WebhookVerificationError, verify_webhook

SECRET = os.environ["WEBHOOK_SECRET"]
seen: set[str] = set()  # in production, store it: it must survive a restart


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            message = verify_webhook(body, dict(self.headers), SECRET)
        except WebhookVerificationError:
            self.send_response(400)
        else:
            message_id = self.headers["webhook-id"]
            if message_id not in seen and message["type"] == "interaction.recorded":
                print(message["data"]["event_type"], flush=True)
            seen.add(message_id)
            self.send_response(204)
        self.end_headers()


server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), Receiver)
print("listening", flush=True)
server.serve_forever()
