"""Command line of the package: downloads the client to a file, and checks whether such a file is up to date.

Twin of `ihf-sdk` in the npm package: the same options, exit codes and files.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import sys
from pathlib import Path
from typing import Any, TypeAlias

from ihf_client import IhfApiError, IhfClient, IhfError, Response

EPILOG = """Exit codes of check: 0 all files are up to date, 1 a file is outdated or was edited, 2 an error occurred.

To list changes, check needs credentials with the scope hub:registries:read: set IHF_API_KEY, or IHF_CLIENT_ID and
IHF_CLIENT_SECRET. They are sent only to the server of --server or IHF_BASE_URL, not to one that only a file names."""

COMMENTS = {"ts": "//", "py": "#"}
ORIGIN = re.compile(r"(?://|#) ihf-sdk hub=(\S+) lang=(ts|py) revision=(\d+) sha256=([0-9a-f]{64})\n\Z")
REVISION = re.compile(r"^(?:export const )?CONTRACT_REVISION(?:: Final)? = (\d+)", re.MULTILINE)


Credentials: TypeAlias = dict[str, Any]


class CommandError(Exception):
    pass


def pull(server: str, lang: str, out: str) -> int:
    with IhfClient(server, on_newer_contract=False) as ihf:
        text = ihf.download_sdk("ihf-client.ts" if lang == "ts" else "ihf-client.py")
    found = REVISION.search(text)
    if not found:
        raise CommandError(f"the response of {server} is not an IHF client. Check the URL.")
    line = f"{COMMENTS[lang]} ihf-sdk hub={server} lang={lang} revision={found[1]} sha256={digest_of(text)}\n"
    Path(out).write_bytes((text + line).encode())
    print(f"{out}: contract revision {found[1]}")
    return 0


def check(file: str, given: str | None, fail_on: str, credentials: Credentials) -> bool:
    """Prints the state of a file and returns whether check must fail."""
    # Git may check files out with CRLF.
    text = Path(file).read_bytes().decode().replace("\r\n", "\n")
    origin = ORIGIN.search(text)
    if not origin:
        raise CommandError(f"{file} does not end with an ihf-sdk line. Write it with 'python -m ihf_client pull'.")
    recorded, lang, revision, digest = origin.groups()
    server = given or recorded
    trusted = given is not None or origin_of(server) == origin_of(os.environ.get("IHF_BASE_URL", ""))
    if digest_of(text[: origin.start()]) != digest:
        command = f"python -m ihf_client pull --server {server} --lang {lang} --out {file}"
        print(f"{file}: edited since it was downloaded. To replace it, run: {command}")
        return True
    since, current = int(revision), int(revision)

    def see(response: Response, request: object) -> None:
        nonlocal current
        current = int(response.headers.get("ihf-contract-revision", revision))

    with IhfClient(server, on_newer_contract=False, **(credentials if trusted else {})) as ihf:
        ihf.get_liveness(options={"on_response": see})
        if current <= since:
            print(f"{file}: up to date, contract revision {since}")
            return False
        print(f"{file}: contract revision {since}, the server has {current}")
        try:
            changes: Any = ihf.diff_contract_revisions(from_=since, to=current)["changes"]
        except IhfApiError as error:
            if error.status not in (401, 403):
                raise
            print("  To list the changes, set IHF_API_KEY, and IHF_BASE_URL or --server to the URL of its server.")
            return True
    for change in changes:
        directions = [name for name, broken in change["breaking"].items() if broken]
        breaks = f" (breaks {' and '.join(directions)})" if directions else ""
        print(f"  {change['detail']}{breaks}")
    return fail_on == "any" or any(any(change["breaking"].values()) for change in changes)


def take_credentials() -> Credentials:
    """Removes the API key from the environment, where the client would find it for any server, also for one that a file of
    a stranger's pull request names."""
    # CI systems set a missing secret to an empty string.
    api_key, client_id = os.environ.pop("IHF_API_KEY", ""), os.environ.get("IHF_CLIENT_ID", "")
    if client_id:
        return {"client_id": client_id, "client_secret": os.environ.get("IHF_CLIENT_SECRET", "")}
    return {"api_key": api_key} if api_key else {}


def origin_of(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.split('/')[0]}".lower()


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(
        prog="python -m ihf_client",
        description="Downloads the client to a file, and checks whether such a file is up to date.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=EPILOG,
    )
    commands = whole.add_subparsers(dest="command", required=True)
    pulling = commands.add_parser("pull", help="download the client to a file")
    pulling.add_argument("--server", required=True, metavar="URL", help="URL of the server")
    pulling.add_argument("--lang", choices=["ts", "py"], required=True, help="language of the client")
    pulling.add_argument("--out", required=True, metavar="FILE", help="file to write")
    checking = commands.add_parser("check", help="compare files with their server and list the contract changes")
    checking.add_argument("--server", metavar="URL", help="URL of the server. Default: the one in the file")
    checking.add_argument("--fail-on", choices=["any", "breaking"], default="any", help="changes that make check fail")
    checking.add_argument("files", nargs="+", metavar="FILE")
    return whole


def main() -> int:
    given = parser().parse_args()
    credentials = take_credentials()
    try:
        if given.command == "pull":
            return pull(given.server, given.lang, given.out)
        failed = [check(file, given.server, given.fail_on, credentials) for file in given.files]
        return int(any(failed))
    except (CommandError, IhfError, OSError, ValueError) as error:
        print(f"ihf_client: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
