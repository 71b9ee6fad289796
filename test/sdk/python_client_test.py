"""Both Python clients against a small real server: what they send, what they make of answers, and how they fail.

Run with the folder of the rendered ihf_client.py on PYTHONPATH.
"""

from __future__ import annotations

import asyncio
import pickle
import socket
import subprocess
import sys
import threading
import time
import unittest
from datetime import datetime, timedelta, timezone
from typing import Any

import ihf_client as sdk
from python_hub import EVENT, Handler, Hub, Received, answer, half_an_answer, hang_up, json_answer, problem_answer


class Scenarios(unittest.TestCase):
    """What holds for either client. `connect` makes one; `call` calls a method of it and waits for what it gives."""

    def setUp(self) -> None:
        self.hub = Hub()
        self.addCleanup(self.hub.server_close)
        self.addCleanup(self.hub.shutdown)
        threading.Thread(target=self.hub.serve_forever, args=(0.01,), daemon=True).start()
        self.client = self.connect(self.hub.url, max_retries=0)

    def connect(self, base_url: str, **options: Any) -> Any:
        raise NotImplementedError

    def call(self, method: str, *args: Any, client: Any = None, **kwargs: Any) -> Any:
        raise NotImplementedError

    def report(self, **kwargs: Any) -> Any:
        return self.call("create_interaction_event", widget_id="w1", event_type="clicked", **kwargs)

    def sent(self) -> Received:
        return self.hub.received[-1]

    def failure(self, kind: type[BaseException], method: str = "list_hubs", **kwargs: Any) -> Any:
        with self.assertRaises(kind) as caught:
            self.call(method, **kwargs)
        self.assertIs(type(caught.exception), kind)
        return caught.exception

    def test_an_answer_comes_back_as_it_is(self) -> None:
        self.assertEqual(self.report(), EVENT)
        self.assertEqual((self.sent().method, self.sent().target), ("POST", "/api/v2/interaction-events"))

    def test_what_is_left_out_is_not_sent(self) -> None:
        self.report(actor_id="a", properties={"größe": "👍"})
        expected = {"widget_id": "w1", "event_type": "clicked", "actor_id": "a", "properties": {"größe": "👍"}}
        self.assertEqual(self.sent().json, expected)

    def test_none_is_sent_as_null(self) -> None:
        self.call("update_widget", "w1", description=None)
        self.assertEqual((self.sent().method, self.sent().json), ("PATCH", {"description": None}))

    def test_a_body_of_nothing_is_an_empty_object(self) -> None:
        self.call("resolve_annotation", "a1")
        self.assertEqual((self.sent().json, self.sent().headers["content-type"]), ({}, "application/json"))

    def test_times_are_sent_in_utc_wherever_they_stand(self) -> None:
        time_there = datetime(2026, 11, 20, 11, 30, 0, 250000, timezone(timedelta(hours=2)))
        self.report(occurred_at=time_there)
        self.assertEqual(self.sent().json["occurred_at"], "2026-11-20T09:30:00.250000Z")
        event = {"widget_id": "w1", "event_type": "clicked", "occurred_at": time_there}
        self.call("create_interaction_event_batch", events=(event,))
        self.assertEqual(self.sent().json["events"][0]["occurred_at"], "2026-11-20T09:30:00.250000Z")
        self.call("list_widgets", since=time_there)
        self.assertEqual(self.sent().target, "/api/v2/widgets?since=2026-11-20T09%3A30%3A00.250000Z")
        self.report(occurred_at="yesterday")
        self.assertEqual(self.sent().json["occurred_at"], "yesterday")

    def test_a_time_without_zone_and_what_json_cannot_hold_are_refused(self) -> None:
        naive = datetime(2026, 11, 20)
        for refused in ({"occurred_at": naive}, {"properties": {"at": naive}}, {"properties": {"n": float("nan")}}):
            with self.assertRaises(ValueError):
                self.report(**refused)
        with self.assertRaises(TypeError):
            self.report(properties={"set": {1}})
        with self.assertRaisesRegex(ValueError, "has no time zone"):
            self.call("list_widgets", since=naive)
        self.assertEqual(self.hub.received, [])

    def test_paths_and_queries_are_escaped(self) -> None:
        self.call("get_registry_value", "event_types", "a/b?c#d %2F é")
        self.assertEqual(self.sent().target, "/api/v2/registries/event_types/values/a%2Fb%3Fc%23d%20%252F%20%C3%A9")
        self.call("list_widgets", key="a&b=c +é", limit=5, cursor=None)
        self.assertEqual(self.sent().target, "/api/v2/widgets?key=a%26b%3Dc%20%2B%C3%A9&limit=5")
        self.call("diff_contract_revisions", from_=1)
        self.assertEqual(self.sent().target, "/api/v2/contract/diff?from=1")

    def test_a_path_cannot_become_another_operations(self) -> None:
        for value in ("", ".", ".."):
            with self.assertRaises(ValueError):
                self.call("get_hub", value)
        self.assertEqual(self.hub.received, [])

    def test_a_prefix_of_the_base_url_stays(self) -> None:
        for base_url in (f"{self.hub.url}/my%20hub", f"{self.hub.url}/my hub/"):
            self.call("get_hub", "h", client=self.connect(base_url))
            self.assertEqual(self.sent().target, "/my%20hub/api/v2/hubs/h")

    def test_other_base_urls_are_refused(self) -> None:
        refused = ("ftp://h", "file:///etc/passwd", "127.0.0.1:3000", "http://", "http://u:p@h", "http://h?a=1", "")
        for base_url in refused:
            with self.subTest(base_url), self.assertRaises(ValueError):
                self.connect(base_url)

    def test_headers(self) -> None:
        client = self.connect(self.hub.url, headers={"Authorization": "Bearer t", "X-Extra": "1"})
        self.report(idempotency_key="k-1", client=client)
        headers = self.sent().headers
        self.assertEqual(headers["IHF-SDK"], f"python; revision={sdk.CONTRACT_REVISION}")
        self.assertEqual((headers["Authorization"], headers["X-Extra"]), ("Bearer t", "1"))
        self.assertEqual(headers["Idempotency-Key"], "k-1")
        self.report()
        self.assertRegex(self.sent().headers["Idempotency-Key"], "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-")

    def test_a_header_cannot_smuggle_another(self) -> None:
        for key in ("a\r\nX-Admin: 1", "a\n", "\x00", "é"):
            with self.assertRaisesRegex(ValueError, "printable ASCII"):
                self.report(idempotency_key=key)
        for headers in ({"X-A": "1\r\nX-Admin: 1"}, {"X-A\r\nX-Admin": "1"}):
            with self.assertRaisesRegex(ValueError, "printable ASCII"):
                self.connect(self.hub.url, headers=headers)
            with self.assertRaisesRegex(ValueError, "printable ASCII"):
                self.report(options={"headers": headers})
            hooked = self.connect(self.hub.url, on_request=lambda request: request.headers.update(headers))
            with self.assertRaisesRegex(ValueError, "printable ASCII"):
                self.report(client=hooked)
        self.assertEqual(self.hub.received, [])

    def test_no_secret_is_shown(self) -> None:
        for credentials in ({"api_key": "ihf_live_secret"}, {"client_id": "id", "client_secret": "secret"}):
            client = self.connect(self.hub.url, **credentials)
            self.assertNotIn("secret", f"{client!r} {vars(client)}")

    def test_text_comes_back_as_text(self) -> None:
        self.hub.answer = answer(200, "text/plain; charset=utf-8", "# größe\n".encode())
        self.assertEqual(self.call("download_sdk", "ihf-client.py"), "# größe\n")

    def test_an_error_tells_every_failure(self) -> None:
        failures = [
            {"pointer": "#/event_type", "code": "unknown_value", "detail": "Did you mean 'clicked'?"},
            {"parameter": "limit", "code": "maximum", "detail": "At most 200."},
            {"code": "odd", "detail": "Odd."},
        ]
        self.hub.answer = problem_answer(422, detail="3 failures.", errors=failures)
        error = self.failure(sdk.InvalidRequestError)
        self.assertEqual(error.errors, failures)
        self.assertEqual(error.problem["detail"], "3 failures.")
        self.assertEqual(
            str(error).split("\n"),
            [
                "No good (422): 3 failures.",
                "  #/event_type: Did you mean 'clicked'?",
                "  limit: At most 200.",
                "  request: Odd.",
            ],
        )
        copy = pickle.loads(pickle.dumps(error))
        self.assertEqual((type(copy), str(copy), copy.request_id), (type(error), str(error), "r-1"))

    def test_what_a_proxy_says_is_an_api_error_too(self) -> None:
        self.hub.answer = answer(502, "text/html", b"<html>\n  <h1>Bad\xff luck</h1>" + b"x" * 1000)
        error = self.failure(sdk.ServerError)
        self.assertEqual((error.status, error.problem["type"], error.errors), (502, "about:blank", []))
        self.assertTrue(str(error).startswith("Bad Gateway (502): Unexpected response body: <html> <h1>Bad"))
        self.assertLess(len(str(error)), 300)
        self.hub.answer = answer(418, "text/plain", b"")
        self.assertIn("The response is empty.", str(self.failure(sdk.IhfApiError)))
        self.hub.answer = answer(422, "application/problem+json", b'{"title":"T","errors":[1,"two",null]}')
        self.assertEqual(self.failure(sdk.InvalidRequestError).errors, [])

    def test_success_that_is_not_the_contracts_is_an_api_error(self) -> None:
        self.hub.answer = answer(200, "text/html", b"<html>Sign in")
        self.assertIn("Sign in", str(self.failure(sdk.IhfApiError)))

    def test_redirects_are_not_followed(self) -> None:
        self.hub.answer = answer(302, "text/plain", b"", Location=f"{self.hub.url}/elsewhere")
        self.assertEqual(self.failure(sdk.IhfApiError).status, 302)
        self.assertEqual(len(self.hub.received), 1)

    def test_no_connection_and_broken_ones(self) -> None:
        for broken in (hang_up, half_an_answer):
            self.hub.answer = broken
            error = self.failure(sdk.IhfConnectionError)
            self.assertIsNotNone(error.__cause__)
            self.assertIn(f"GET {self.hub.url}/api/v2/hubs failed: ", str(error))
        with self.assertRaises(sdk.IhfConnectionError):
            self.call("list_hubs", client=self.connect("http://127.0.0.1:1", max_retries=0))

    def test_a_silent_hub_times_out(self) -> None:
        self.hub.answer = lambda handler: time.sleep(1)
        error = self.failure(sdk.IhfTimeoutError, timeout=0.1)
        self.assertEqual(str(error), f"GET {self.hub.url}/api/v2/hubs timed out after 0.1 s")
        with self.assertRaises(sdk.IhfTimeoutError):
            self.call("list_hubs", client=self.connect(self.hub.url, timeout=0.1, max_retries=0))

    def test_connections_are_used_again(self) -> None:
        for _ in range(5):
            self.report()
        self.hub.answer = problem_answer(404)
        self.failure(sdk.NotFoundError)
        self.assertEqual(len({received.peer for received in self.hub.received}), 1)

    def test_a_connection_that_the_hub_closed_meanwhile_is_replaced(self) -> None:
        def answer_and_close(handler: Handler) -> None:
            json_answer(EVENT)(handler)
            handler.close_connection = True

        self.hub.answer = answer_and_close
        for _ in range(3):
            self.assertEqual(self.report(), EVENT)
            time.sleep(0.05)

    def test_proxies_of_the_environment_are_not_used(self) -> None:
        script = (
            "import os, sys, asyncio, ihf_client as sdk\n"
            "os.environ.update(http_proxy='http://127.0.0.1:1', HTTP_PROXY='http://127.0.0.1:1')\n"
            "sdk.IhfClient(sys.argv[1]).get_hub('h')\n"
            "asyncio.run(sdk.AsyncIhfClient(sys.argv[1]).get_hub('h'))\n"
        )
        subprocess.run([sys.executable, "-c", script, self.hub.url], check=True)


class SyncClientTest(Scenarios):
    def connect(self, base_url: str, **options: Any) -> Any:
        client = sdk.IhfClient(base_url, **options)
        self.addCleanup(client.close)
        return client

    def call(self, method: str, *args: Any, client: Any = None, **kwargs: Any) -> Any:
        return getattr(client or self.client, method)(*args, **kwargs)

    def test_threads_share_a_client(self) -> None:
        self.hub.answer = lambda handler: json_answer({"target": handler.path})(handler)
        wrong: list[str] = []

        def work(thread: int) -> None:
            for number in range(50):
                hub_id = f"{thread}-{number}"
                if self.client.get_hub(hub_id) != {"target": f"/api/v2/hubs/{hub_id}"}:
                    wrong.append(hub_id)

        threads = [threading.Thread(target=work, args=(thread,)) for thread in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((wrong, len(self.hub.received)), ([], 400))
        self.assertLessEqual(len({received.peer for received in self.hub.received}), 8)

    def test_an_answer_that_comes_before_the_end_of_the_request_is_read(self) -> None:
        def refuse(listener: socket.socket) -> None:
            connection, _ = listener.accept()
            connection.recv(1000)
            # Closing on unread input resets the connection. asyncio then drops the answer, so httpx cannot see it.
            connection.sendall(b"HTTP/1.1 413 Too large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            connection.close()

        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=refuse, args=(listener,), daemon=True).start()
            client = self.connect(f"http://127.0.0.1:{listener.getsockname()[1]}")
            with self.assertRaises(sdk.ContentTooLargeError):
                self.report(actor_id="n" * 50_000_000, client=client)

    def test_a_transport_of_the_callers_own(self) -> None:
        def transport(request: sdk.Request, timeout: float) -> sdk.Response:
            seen.append((request, timeout))
            if len(seen) == 1:
                raise TimeoutError
            return sdk.Response(200, "OK", {}, b'{"id": "h"}')

        seen: list[tuple[sdk.Request, float]] = []
        client = self.connect("http://hub", transport=transport, timeout=5, api_key="k")
        self.assertEqual(self.call("get_hub", "h", client=client), {"id": "h"})
        request, timeout = seen[1]
        self.assertEqual((request.method, request.url, request.body), ("GET", "http://hub/api/v2/hubs/h", None))
        self.assertEqual((request.headers["authorization"], timeout), ("Bearer k", 5))

    def test_a_closed_client_refuses_calls(self) -> None:
        with sdk.IhfClient(self.hub.url) as client:
            client.get_hub("h")
        with self.assertRaisesRegex(sdk.IhfError, "closed"):
            client.get_hub("h")

    def test_it_needs_nothing_but_python_and_says_what_the_rest_needs(self) -> None:
        script = (
            "import sys; sys.modules |= dict.fromkeys(['httpx', 'cryptography', 'typing_extensions'])\n"
            "import ihf_client as sdk\n"
            "sdk.IhfClient(sys.argv[1]).get_hub('h')\n"
            "for use in (sdk.AsyncIhfClient, lambda: sdk.verify_webhook('', {}, 'whpk_' + 43 * 'A' + '=')):\n"
            "    try: use()\n"
            "    except ImportError as error: print(error)\n"
        )
        done = subprocess.run([sys.executable, "-c", script, self.hub.url], check=True, capture_output=True, text=True)
        self.assertEqual(
            done.stdout,
            "AsyncIhfClient needs httpx: pip install httpx\n"
            "a webhook public key needs cryptography: pip install cryptography\n",
        )


class AsyncClientTest(Scenarios):
    def setUp(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.addCleanup(self.loop.close)
        super().setUp()

    def connect(self, base_url: str, **options: Any) -> Any:
        client = sdk.AsyncIhfClient(base_url, **options)
        self.addCleanup(lambda: self.loop.run_until_complete(client.aclose()))
        return client

    def call(self, method: str, *args: Any, client: Any = None, **kwargs: Any) -> Any:
        return self.loop.run_until_complete(getattr(client or self.client, method)(*args, **kwargs))

    def test_calls_run_at_the_same_time(self) -> None:
        def answer_slowly(handler: Handler) -> None:
            time.sleep(0.2)
            json_answer(EVENT)(handler)

        self.hub.answer = answer_slowly

        async def all_at_once() -> None:
            await asyncio.gather(*(self.client.get_hub(str(number)) for number in range(10)))

        started = time.monotonic()
        self.loop.run_until_complete(all_at_once())
        self.assertLess(time.monotonic() - started, 1)

    def test_a_transport_of_the_callers_own(self) -> None:
        async def transport(request: sdk.Request, timeout: float) -> sdk.Response:
            await asyncio.sleep(0)
            return sdk.Response(200, "OK", {}, f'{{"id": "{request.url}"}}'.encode())

        client = self.connect("http://hub", transport=transport)
        self.assertEqual(self.call("get_hub", "h", client=client), {"id": "http://hub/api/v2/hubs/h"})

    def test_a_closed_client_refuses_calls(self) -> None:
        async def use() -> None:
            async with sdk.AsyncIhfClient(self.hub.url) as client:
                await client.get_hub("h")
            with self.assertRaisesRegex(sdk.IhfError, "closed"):
                await client.get_hub("h")

        self.loop.run_until_complete(use())


class TwinsTest(unittest.TestCase):
    def test_both_clients_have_the_same_methods(self) -> None:
        def methods(kind: type) -> set[str]:
            return {name for name in vars(kind) if not name.startswith("_")}

        self.assertEqual(methods(sdk.IhfClient), methods(sdk.AsyncIhfClient))

    def test_all_that_is_exported_exists(self) -> None:
        self.assertEqual([name for name in sdk.__all__ if not hasattr(sdk, name)], [])

    def test_the_words_cannot_be_changed(self) -> None:
        with self.assertRaises(TypeError):
            sdk.EVENT_TYPES["mine"] = sdk.ValueInfo("Mine", "")  # type: ignore[index]
        with self.assertRaises(AttributeError):
            sdk.EVENT_TYPES["clicked"].label = "Mine"  # type: ignore[misc]

    def test_a_word_is_known_or_newer_than_the_file(self) -> None:
        known = [sdk.is_known_value(value, sdk.EVENT_TYPES) for value in ("clicked", "tapped", "whispered")]
        self.assertEqual(known, [True, True, False])


del Scenarios  # Only its two kinds are run.

if __name__ == "__main__":
    unittest.main()
