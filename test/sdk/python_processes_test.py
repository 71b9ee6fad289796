"""The Python clients in forked processes, in threads, under asyncio and trio, behind a proxy, and with warnings as errors.

Run with the folder of the rendered ihf_client.py on PYTHONPATH.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import typing
import unittest
from typing import Any
from unittest import mock

import ihf_client as sdk
import trio
from python_hub import EVENT, Handler, Hub, answer, json_answer, problem_answer


def echo(handler: Handler) -> None:
    json_answer({"target": handler.path})(handler)


def fetch_own(client: sdk.IhfClient, process: int, wrong: Any) -> None:
    for number in range(50):
        hub_id = f"{process}-{number}"
        if typing.cast(Any, client.get_hub(hub_id)) != {"target": f"/api/v2/hubs/{hub_id}"}:
            wrong.value += 1


class Served(unittest.TestCase):
    def setUp(self) -> None:
        self.hub = Hub()
        self.addCleanup(self.hub.server_close)
        self.addCleanup(self.hub.shutdown)
        threading.Thread(target=self.hub.serve_forever, args=(0.01,), daemon=True).start()

    def python(self, script: str, *flags: str, **env: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, *flags, "-c", script, self.hub.url]
        return subprocess.run(argv, check=True, capture_output=True, text=True, env={**os.environ, **env}, timeout=60)


class ForkTest(Served):
    def test_forked_processes_do_not_share_a_connection(self) -> None:
        self.hub.answer = echo
        client = sdk.IhfClient(self.hub.url)
        client.get_hub("parent")
        fork = multiprocessing.get_context("fork")
        wrong = fork.Value("i", 0)
        children = [fork.Process(target=fetch_own, args=(client, process, wrong)) for process in range(4)]
        for child in children:
            child.start()
        for child in children:
            child.join()
        self.assertEqual((wrong.value, [child.exitcode for child in children]), (0, [0, 0, 0, 0]))
        client.get_hub("parent again")
        peers = {received.peer for received in self.hub.received if "parent" in received.target}
        self.assertEqual(len(peers), 1, "the connection of the parent stays open")

    def test_a_child_process_fetches_its_own_token(self) -> None:
        requested = threading.Event()
        release = threading.Event()

        def token(handler: Handler) -> None:
            if handler.path != "/api/v2/token":
                return json_answer(EVENT)(handler)
            requested.set()
            release.wait(30)
            json_answer({"access_token": "t", "token_type": "Bearer", "expires_in": 3600})(handler)

        self.hub.answer = token
        client = sdk.IhfClient(self.hub.url, client_id="c", client_secret="s", timeout=20)
        parent = threading.Thread(target=client.get_hub, args=("h",))
        parent.start()
        requested.wait(30)
        child = multiprocessing.get_context("fork").Process(target=client.get_hub, args=("h",))
        child.start()
        release.set()
        child.join(30)
        parent.join(30)
        self.assertEqual(child.exitcode, 0)

    def test_a_reporter_sends_the_events_of_each_process_once(self) -> None:
        script = (
            "import os, sys, multiprocessing, ihf_client as sdk\n"
            "reporter = sdk.IhfClient(sys.argv[1]).reporter(flush_interval=60)\n"
            "def child(): reporter.track({'widget_id': 'w', 'event_type': 'clicked', 'actor_id': 'child'})\n"
            "reporter.track({'widget_id': 'w', 'event_type': 'clicked', 'actor_id': 'parent'})\n"
            "process = multiprocessing.get_context('fork').Process(target=child)\n"
            "process.start(); process.join()\n"
        )
        self.hub.answer = accept_all
        self.python(script)
        actors = [event["actor_id"] for received in self.hub.received for event in received.json["events"]]
        self.assertEqual(sorted(actors), ["child", "parent"])


def accept_all(handler: Handler) -> None:
    events = handler.server.received[-1].json["events"]
    results = [{"index": index, "status": 201} for index in range(len(events))]
    json_answer({"accepted": len(events), "rejected": 0, "results": results})(handler)


class LoopTest(Served):
    def test_asyncio_and_trio_run_the_same_calls(self) -> None:
        self.hub.answer = echo
        for run in (lambda work: asyncio.run(work()), trio.run):
            client = sdk.AsyncIhfClient(self.hub.url)

            async def work(client: sdk.AsyncIhfClient = client) -> Any:
                async with client:
                    return await client.get_hub("h")

            self.assertEqual(run(work), {"target": "/api/v2/hubs/h"})

    def test_trio_retries_times_out_and_shares_one_token_request(self) -> None:
        def token_or_event(handler: Handler) -> None:
            if handler.path == "/api/v2/token":
                json_answer({"access_token": "t", "token_type": "Bearer", "expires_in": 3600})(handler)
            elif len(self.hub.received) < 4:
                problem_answer(503)(handler)
            else:
                json_answer(EVENT)(handler)

        self.hub.answer = token_or_event

        async def work() -> None:
            async with sdk.AsyncIhfClient(self.hub.url, client_id="c", client_secret="s") as client:
                async with trio.open_nursery() as nursery:
                    for _ in range(2):
                        nursery.start_soon(client.get_hub, "h")
                self.hub.answer = lambda handler: release.wait(30)  # type: ignore[assignment]
                with self.assertRaises(sdk.IhfTimeoutError):
                    await client.get_hub("h", timeout=0.1, options={"max_retries": 0})
                release.set()

        release = threading.Event()
        trio.run(work)
        self.assertEqual([received.target for received in self.hub.received].count("/api/v2/token"), 1)

    def test_a_client_serves_one_event_loop_after_another_and_several_at_once(self) -> None:
        self.hub.answer = echo
        client = sdk.AsyncIhfClient(self.hub.url)
        failed: list[BaseException] = []

        def run(name: str) -> None:
            async def work() -> None:
                answers = await asyncio.gather(*(client.get_hub(f"{name}-{number}") for number in range(20)))
                expected = [{"target": f"/api/v2/hubs/{name}-{number}"} for number in range(20)]
                self.assertEqual(typing.cast(Any, answers), expected)

            try:
                asyncio.run(work())
            except BaseException as error:
                failed.append(error)

        for name in ("one", "two"):
            run(name)
        threads = [threading.Thread(target=run, args=(f"thread{number}",)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])

    def test_the_clock_of_an_attempt_starts_when_a_connection_is_free(self) -> None:
        # Each request takes 0.1 s, so with 100 connections the last of 1,000 waits for about 1 s.
        def slow(handler: Handler) -> None:
            threading.Event().wait(0.1)
            json_answer(EVENT)(handler)

        self.hub.answer = slow

        async def work() -> None:
            async with sdk.AsyncIhfClient(self.hub.url, timeout=5, max_retries=0) as client:
                runtime: Any = client._runtime()
                runtime._slots = asyncio.Semaphore(1)
                await asyncio.gather(*(client.get_hub("h", timeout=0.9) for _ in range(15)))
                with self.assertRaises(sdk.IhfTimeoutError):
                    await asyncio.gather(
                        *(client.get_hub("h", options={"total_timeout": 0.3}) for _ in range(15))
                    )

        asyncio.run(work())


class NetworkTest(Served):
    def test_an_http_proxy_receives_the_whole_url_and_its_credentials(self) -> None:
        proxy = self.hub.url.replace("//", "//user:p%40ss@")

        async def asynchronously() -> None:
            async with sdk.AsyncIhfClient("http://hub.test", proxy=proxy) as client:
                await client.get_hub("h")

        with sdk.IhfClient("http://hub.test", proxy=proxy) as client:
            client.get_hub("h")
        asyncio.run(asynchronously())
        for received in self.hub.received:
            self.assertEqual(received.target, "http://hub.test/api/v2/hubs/h")
            self.assertEqual(received.headers["proxy-authorization"], "Basic dXNlcjpwQHNz")
            self.assertEqual(received.headers["host"], "hub.test")
        self.assertEqual(len(self.hub.received), 2)

    def test_an_https_url_is_tunneled_through_the_proxy(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            seen: list[bytes] = []

            def refuse() -> None:
                connection, _ = listener.accept()
                seen.append(connection.recv(1000))
                connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                connection.close()

            thread = threading.Thread(target=refuse, daemon=True)
            thread.start()
            proxy = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with sdk.IhfClient("https://hub.test", proxy=proxy, max_retries=0) as client:
                with self.assertRaisesRegex(sdk.IhfConnectionError, "407"):
                    client.get_hub("h")
            thread.join(30)
        self.assertTrue(seen[0].startswith(b"CONNECT hub.test:443 "))

    def test_contradicting_network_options_are_rejected(self) -> None:
        with self.assertRaisesRegex(ValueError, "proxy must be an http URL"):
            sdk.IhfClient(proxy="socks5://h:1")
        with self.assertRaisesRegex(TypeError, "transport or proxy"):
            sdk.IhfClient(proxy="http://h", transport=lambda request, timeout: sdk.Response(200, "", {}, b"{}"))

    def test_base_url_and_api_key_come_from_the_environment(self) -> None:
        with mock.patch.dict(os.environ, {"IHF_BASE_URL": self.hub.url, "IHF_API_KEY": "ihf_live_env"}):
            with sdk.IhfClient() as client:
                client.get_hub("h")
        self.assertEqual(self.hub.received[-1].headers["authorization"], "Bearer ihf_live_env")

    def test_the_api_key_of_the_environment_is_not_sent_to_another_server(self) -> None:
        for own, header in ((f"{self.hub.url}/hub", "Bearer ihf_live_env"), ("https://hub.example.com", None)):
            with mock.patch.dict(os.environ, {"IHF_BASE_URL": own, "IHF_API_KEY": "ihf_live_env"}):
                with sdk.IhfClient(self.hub.url) as client:
                    client.get_hub("h")
            self.assertEqual(self.hub.received[-1].headers.get("authorization"), header)

    def test_the_debug_log_names_requests_and_no_secret(self) -> None:
        script = "import sys, ihf_client as sdk; sdk.IhfClient(sys.argv[1], api_key='ihf_live_x').get_hub('h')"
        done = self.python(script, IHF_LOG="debug")
        self.assertRegex(done.stderr, f"GET {self.hub.url}/api/v2/hubs/h: 200 in \\d+ ms")
        self.assertNotIn("ihf_live_x", done.stderr)
        self.assertEqual(self.python(script).stderr, "")


class CallTest(Served):
    def test_a_newer_contract_does_not_fail_a_call_when_warnings_are_errors(self) -> None:
        newer = str(sdk.CONTRACT_REVISION + 1)
        self.hub.answer = answer(200, "application/json", b"{}", IHF_Contract_Revision=newer)
        script = (
            "import sys, ihf_client as sdk\n"
            "for _ in range(2): sdk.IhfClient(sys.argv[1]).get_hub('h')\n"
        )
        for flags in ((), ("-W", "error")):
            done = self.python(script, *flags)
            self.assertEqual(done.stderr.count("The server has contract revision"), 1, done.stderr)

    def test_429_is_retried_for_every_method_and_503_only_if_it_is_safe(self) -> None:
        for status, requests in ((429, 2), (503, 1)):
            self.hub.received.clear()

            def limited(handler: Handler, status: int = status) -> None:
                first = len(self.hub.received) == 1
                (problem_answer(status) if first else json_answer(EVENT))(handler)

            self.hub.answer = limited
            with sdk.IhfClient(self.hub.url) as client:
                try:
                    client.update_widget("w", name="n")
                except sdk.ServerError:
                    self.assertEqual(status, 503)
            self.assertEqual(len(self.hub.received), requests)

    def test_errors_name_the_request(self) -> None:
        self.hub.answer = problem_answer(404)
        with sdk.IhfClient(self.hub.url) as client, self.assertRaises(sdk.NotFoundError) as caught:
            client.get_hub("h")
        self.assertEqual((caught.exception.method, caught.exception.url), ("GET", f"{self.hub.url}/api/v2/hubs/h"))
        with sdk.IhfClient("http://127.0.0.1:1", max_retries=0) as client:
            with self.assertRaises(sdk.IhfConnectionError) as lost:
                client.get_hub("h")
        self.assertEqual((lost.exception.method, lost.exception.url), ("GET", "http://127.0.0.1:1/api/v2/hubs/h"))

    def test_a_long_idempotency_key_works_with_the_batch_helper(self) -> None:
        self.hub.answer = accept_all
        events: list[sdk.InteractionEventCreate] = [{"widget_id": "w", "event_type": "clicked"}] * 1500
        with sdk.IhfClient(self.hub.url) as client:
            for _ in range(2):
                client.send_interaction_events(events, idempotency_key="k" * 255)
        keys = [received.headers["idempotency-key"] for received in self.hub.received]
        self.assertTrue(all(len(key) <= 255 for key in keys))
        self.assertEqual((keys[: len(keys) // 2], len(set(keys))), (keys[len(keys) // 2 :], len(keys) // 2))

    def test_a_batch_that_is_cut_short_keeps_its_results(self) -> None:
        def items() -> Any:
            for _ in range(1000):
                yield {"widget_id": "w", "event_type": "clicked"}
            raise OSError("the file ended early")

        self.hub.answer = accept_all
        with sdk.IhfClient(self.hub.url) as client, self.assertRaises(sdk.IhfBatchError) as caught:
            client.send_interaction_events(items())
        self.assertEqual((caught.exception.index, len(caught.exception.results)), (1000, 1000))
        self.assertIsInstance(caught.exception.__cause__, OSError)

    def test_a_cancelled_batch_call_has_reported_its_results(self) -> None:
        results: list[Any] = []

        async def send(client: sdk.AsyncIhfClient) -> None:
            async def events() -> Any:
                for _ in range(1000):
                    yield {"widget_id": "w", "event_type": "clicked"}
                await asyncio.Event().wait()

            await client.send_interaction_events(events(), on_results=results.extend)

        async def work() -> None:
            async with sdk.AsyncIhfClient(self.hub.url) as client:
                task = asyncio.ensure_future(send(client))
                while not results:
                    await asyncio.sleep(0.01)
                task.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await task

        self.hub.answer = accept_all
        asyncio.run(work())
        self.assertEqual([result["index"] for result in results], list(range(1000)))

    def test_each_retry_and_the_final_error_are_reported(self) -> None:
        reports: list[Any] = []

        def on_retry(error: sdk.IhfError, retry: int, delay: float, request: sdk.Request) -> None:
            reports.append((type(error).__name__, retry, delay < 1, request.url))

        def on_error(error: sdk.IhfError, request: sdk.Request) -> None:
            reports.append((error, request.method))

        async def call() -> None:
            async with sdk.AsyncIhfClient(self.hub.url, max_retries=1, on_retry=on_retry, on_error=on_error) as client:
                await client.get_hub("h")

        self.hub.answer = problem_answer(503)
        with sdk.IhfClient(self.hub.url, max_retries=1, on_retry=on_retry, on_error=on_error) as client:
            for run in (lambda: client.get_hub("h"), lambda: asyncio.run(call())):
                reports.clear()
                with self.assertRaises(sdk.ServerError) as caught:
                    run()
                retried = ("ServerError", 1, True, f"{self.hub.url}/api/v2/hubs/h")
                self.assertEqual(reports, [retried, (caught.exception, "GET")])

    def test_a_parsed_webhook_body_is_rejected_with_the_remedy(self) -> None:
        parsed: Any = {"type": "interaction.recorded"}
        with self.assertRaisesRegex(TypeError, r"must be the raw request body.*not dict.*request.get_data\(\) in Flask"):
            sdk.verify_webhook(parsed, {}, "whsec_c2VjcmV0")

    def test_type_hints_of_every_method_and_function_resolve(self) -> None:
        for kind in (sdk.IhfClient, sdk.AsyncIhfClient, sdk.Reporter, sdk.AsyncReporter):
            for method in vars(kind).values():
                if callable(method):
                    typing.get_type_hints(method)
        for name in sdk.__all__:
            exported = getattr(sdk, name)
            if isinstance(exported, type) or hasattr(exported, "__code__"):
                typing.get_type_hints(exported)

    def test_usable_values_are_those_that_requests_accept(self) -> None:
        usable = [sdk.is_usable_value(value, sdk.EVENT_TYPES) for value in ("clicked", "tapped", "whispered")]
        self.assertEqual(usable, [True, False, False])


class ReporterTest(Served):
    def setUp(self) -> None:
        super().setUp()
        self.hub.answer = accept_all
        self.client = sdk.IhfClient(self.hub.url, max_retries=0)
        self.addCleanup(self.client.close)
        self.dropped: list[tuple[int, str]] = []

    def on_drop(self, events: list[sdk.InteractionEventCreate], reason: str) -> None:
        self.dropped.append((len(events), reason))

    def recorded(self) -> list[Any]:
        return [event["actor_id"] for received in self.hub.received for event in received.json["events"]]

    def track(self, reporter: Any, first: int, last: int) -> None:
        for number in range(first, last):
            reporter.track({"widget_id": "w", "event_type": "clicked", "actor_id": str(number)})

    def test_events_are_sent_in_order_in_batches_with_the_time_they_were_tracked(self) -> None:
        with self.client.reporter(max_batch=10, flush_interval=60, flush_at=1000) as reporter:
            self.track(reporter, 0, 25)
            self.assertEqual((reporter.queued, self.hub.received), (25, []))
            self.assertTrue(reporter.flush())
            self.assertEqual(reporter.queued, 0)
        self.assertEqual(self.recorded(), [str(number) for number in range(25)])
        self.assertEqual([len(received.json["events"]) for received in self.hub.received], [10, 10, 5])
        self.assertRegex(self.hub.received[0].json["events"][0]["occurred_at"], r"^2\d{3}-.*Z$")

    def test_the_thread_sends_without_a_flush(self) -> None:
        sent = threading.Event()

        def accept(handler: Handler) -> None:
            accept_all(handler)
            sent.set()

        self.hub.answer = accept
        for options in ({"flush_interval": 60, "flush_at": 3}, {"flush_interval": 0.05}):
            sent.clear()
            with self.client.reporter(**options) as reporter:
                self.track(reporter, 0, 3)
                self.assertTrue(sent.wait(30))

    def test_a_failed_batch_is_sent_again_with_the_same_key(self) -> None:
        def fail_first(handler: Handler) -> None:
            if len(self.hub.received) > 1:
                return accept_all(handler)
            problem_answer(503)(handler)

        self.hub.answer = fail_first
        with mock.patch.object(sdk, "_MAX_RESEND_DELAY", 0.01), self.client.reporter(on_drop=self.on_drop) as reporter:
            self.track(reporter, 0, 2)
            self.assertTrue(reporter.flush(30))
        keys = [received.headers["idempotency-key"] for received in self.hub.received]
        self.assertEqual((len(keys), len(set(keys)), self.dropped), (2, 1, []))

    def test_dropped_events_are_counted_and_reported_with_the_reason(self) -> None:
        reporter = self.client.reporter(max_queue=2, flush_interval=60, on_drop=self.on_drop, flush_at=2)
        self.hub.answer = problem_answer(422, detail="No.")
        with self.client.reporter(max_queue=5, flush_interval=60, on_drop=self.on_drop) as reporter:
            with mock.patch.object(reporter, "_start"):
                self.track(reporter, 0, 6)
            self.assertEqual(self.dropped, [(1, "the queue is full")])
            reporter.flush()
        self.assertEqual(self.dropped[1][0], 5)
        self.assertIn("No.", self.dropped[1][1])
        self.assertFalse(reporter.track({"widget_id": "w", "event_type": "clicked"}))
        self.assertEqual((reporter.dropped, self.dropped[2]), (7, (1, "the reporter is closed")))

    def test_an_event_that_is_rejected_alone_is_reported_alone(self) -> None:
        results = [{"index": 0, "status": 201}, {"index": 1, "status": 422, "problem": {"detail": "Bad."}}]
        self.hub.answer = json_answer({"accepted": 1, "rejected": 1, "results": results})
        with self.client.reporter(on_drop=self.on_drop) as reporter:
            self.track(reporter, 0, 2)
        self.assertEqual(self.dropped, [(1, "rejected: Bad.")])

    def test_closing_ends_in_time_when_the_server_cannot_be_reached(self) -> None:
        client = sdk.IhfClient("http://127.0.0.1:1", max_retries=0)
        reporter = client.reporter(on_drop=self.on_drop)
        self.track(reporter, 0, 3)
        reporter.close(timeout=0.2)
        self.assertEqual(self.dropped, [(3, "they could not be sent before the reporter was closed")])

    def test_what_json_cannot_hold_is_raised_where_it_is_tracked(self) -> None:
        with self.client.reporter() as reporter, self.assertRaises(TypeError):
            reporter.track({"widget_id": "w", "event_type": "clicked", "properties": {"set": {1}}})

    def test_the_remaining_events_are_sent_when_the_process_exits(self) -> None:
        script = (
            "import sys, ihf_client as sdk\n"
            "reporter = sdk.IhfClient(sys.argv[1]).reporter(flush_interval=60)\n"
            "reporter.track({'widget_id': 'w', 'event_type': 'clicked', 'actor_id': 'last'})\n"
        )
        self.python(script)
        self.assertEqual(self.recorded(), ["last"])

    def test_the_asynchronous_reporter_does_the_same_under_asyncio_and_trio(self) -> None:
        for run in (lambda work: asyncio.run(work()), trio.run):
            self.hub.received.clear()

            async def work() -> None:
                client = sdk.AsyncIhfClient(self.hub.url)
                async with client, client.reporter(max_batch=10, flush_interval=60, on_drop=self.on_drop) as reporter:
                    self.track(reporter, 0, 25)
                    self.assertEqual(self.hub.received, [])
                    await reporter.flush()
                    self.assertEqual(len(self.recorded()), 25)
                    self.track(reporter, 25, 30)
                self.assertFalse(reporter.track({"widget_id": "w", "event_type": "clicked"}))

            run(work)
            self.assertEqual(self.recorded(), [str(number) for number in range(30)])
        self.assertEqual([reason for _, reason in self.dropped], ["the reporter is closed"] * 2)


if __name__ == "__main__":
    unittest.main()
