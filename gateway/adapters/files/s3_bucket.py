"""How do we reach a bucket on an S3 server, sure that it is the one we mean, and by a key of ours alone?

Address, region and account are pinned in the partner's profile. Nothing of the machine's own settings for such servers
is read: no other key lying about, no address, no proxy. Every answer is told as a file system would tell it.
"""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any, Protocol

from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    SSLError,
)
from botocore.session import Session

from gateway.adapters.files.handles import Stand
from gateway.adapters.files.s3_exchange import Exchange
from gateway.adapters.files.s3_place import PLAIN, S3Place
from gateway.errors import PartnerUnavailableError
from gateway.formats.body import PIECE_BYTES

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_KEY_LINES = 2
_PAGE, _PAGES = 1000, 100
_GONE, _FORBIDDEN, _ANOTHER, _TROUBLE = 404, 403, 412, 500
_BUSY = frozenset({408, 429})
_CODES: Mapping[str, tuple[str, str]] = {
    "InvalidAccessKeyId": ("login", "the server does not know our access key"),
    "SignatureDoesNotMatch": ("login", "the server knows another secret for our access key"),
    "RequestTimeTooSkewed": ("clock", "the server's clock and ours are too far apart"),
    "AuthorizationHeaderMalformed": ("region", "the bucket is in another region than the profile says"),
    "PermanentRedirect": ("region", "the bucket is in another region than the profile says"),
    "TemporaryRedirect": ("region", "the bucket is in another region than the profile says"),
    "NoSuchBucket": ("bucket", "there is no such bucket"),
}
_UNSAID = "its answer made no sense"
_MAKING = Lock()
_MANNER = Config(
    signature_version="s3v4",
    s3={"addressing_style": "path"},
    retries={"total_max_attempts": 1, "mode": "standard"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    user_agent="ecaf-gateway",
)
"""The address stays the one that is pinned; the next look is the next try; not only Amazon's servers understand us."""


class _Client(Protocol):
    """What we ask of the library."""

    def list_objects_v2(self, **told: object) -> dict[str, Any]: ...
    def head_object(self, **told: object) -> dict[str, Any]: ...
    def get_object(self, **told: object) -> dict[str, Any]: ...
    def put_object(self, **told: object) -> dict[str, Any]: ...
    def copy_object(self, **told: object) -> dict[str, Any]: ...
    def delete_object(self, **told: object) -> dict[str, Any]: ...


@contextmanager
def connected(place: S3Place, *, seconds: float) -> Iterator["Bucket"]:
    """Yield the bucket of *place*; no first word of an answer takes longer than so many *seconds*.

    Raises:
        PartnerUnavailableError: code `key` (ours cannot be read, or others can), `certificate` (nobody vouches for the
            server), `unreachable`, `login`, `clock`, `region`, `bucket`, `slow`, `nonsense`, `troubled` (it says so
            itself) or `cut-off`.
    """
    key, secret = _key_of(place)
    if place.authority_file is not None and not place.authority_file.is_file():
        raise _unavailable("certificate", "the certificate of the server's authority is not there")
    exchange = Exchange(authority=place.authority_file, seconds=seconds)
    with _MAKING:
        client = _session().create_client(
            "s3",
            region_name=place.region,
            endpoint_url=place.endpoint,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=_MANNER,
        )
    client.meta.events.register("before-send.s3", exchange)
    try:
        yield Bucket(client, place)
    finally:
        exchange.close()
        client.close()


class Bucket:
    """A bucket while we speak with its server.

    Raises:
        FileNotFoundError: there is no such object.
        PermissionError: we may not.
        OSError: `ESTALE` where the object is another one than was meant, `EINVAL` for whatever else is refused.
        PartnerUnavailableError: see `connected`.
    """

    def __init__(self, client: _Client, place: S3Place) -> None:
        self._client = client
        self._bucket = place.bucket
        self._where = {"Bucket": place.bucket} | ({"ExpectedBucketOwner": place.owner} if place.owner else {})
        self._from = {"ExpectedSourceBucketOwner": place.owner} if place.owner else {}

    def look(self, prefix: str) -> None:
        """Return if what begins with *prefix* can be listed."""
        with _told():
            self._client.list_objects_v2(**self._where, Prefix=prefix, MaxKeys=1)

    def listed(self, prefix: str) -> Iterator[tuple[str, Stand]]:
        """Yield the key of every object that begins with *prefix*, and how it stands.

        Raises:
            OSError: there are more than a hundred thousand of them.
        """
        token: dict[str, str] = {}
        for _ in range(_PAGES):
            with _told():
                page = self._client.list_objects_v2(**self._where, Prefix=prefix, MaxKeys=_PAGE, **token)
                listed = [(str(one["Key"]), _stand(one, one["Size"])) for one in page.get("Contents", ())]
                token = {"ContinuationToken": page["NextContinuationToken"]} if page.get("IsTruncated") else {}
            yield from listed
            if not token:
                return
        raise OSError(errno.EFBIG, "more objects than are looked at")

    def stand(self, key: str) -> Stand:
        """Return how an object stands."""
        with _told():
            told = self._client.head_object(**self._where, Key=key)
            return _stand(told, told["ContentLength"])

    def whole(self, key: str, *, most: int, tag: str | None = None) -> tuple[Stand, bytes]:
        """Return how an object stands, and at most so many of its bytes; with *tag* only if it is that very object."""
        with _told():
            told = self._client.get_object(**self._where, Key=key, **_only(tag))
            try:
                return _stand(told, told["ContentLength"]), _drained(told["Body"], most)
            finally:
                told["Body"].close()

    def span(self, key: str, start: int, length: int, *, tag: str) -> bytes:
        """Return *length* bytes from *start* on of that very object."""
        with _told():
            asked = f"bytes={start}-{start + length - 1}"
            told = self._client.get_object(**self._where, Key=key, Range=asked, **_only(tag))
            try:
                found = _drained(told["Body"], length)
            finally:
                told["Body"].close()
        if len(found) != length or "ContentRange" not in told:
            raise _unavailable("nonsense", _UNSAID)
        return found

    def write(self, key: str, content: bytes) -> None:
        """Put *content* there, in place of whatever is."""
        with _told():
            self._client.put_object(**self._where, Key=key, Body=content)

    def copy(self, key: str, to: str, *, tag: str | None = None, only_new: bool = False) -> None:
        """Put a copy of an object under another key, on the server; with *tag* only of that very object."""
        told = {"CopySourceIfMatch": f'"{tag}"'} if tag is not None else {}
        told |= {"IfNoneMatch": "*"} if only_new else {}
        source = {"Bucket": self._bucket, "Key": key}
        with _told():
            self._client.copy_object(
                **self._where, **self._from, Key=to, CopySource=source, TaggingDirective="REPLACE", **told
            )

    def remove(self, key: str, *, tag: str | None = None) -> None:
        """Take an object away, if there is one; with *tag* only that very object."""
        with _told():
            self._client.delete_object(**self._where, Key=key, **_only(tag))


@contextmanager
def _told() -> Iterator[None]:
    """Tell every failure as a file system would, or that the server is not there for us; never in its own words."""
    try:
        yield
    except ClientError as error:
        raise _refusal(error) from None
    except SSLError:
        raise _unavailable("certificate", "nobody we trust vouches for the server") from None
    except (EndpointConnectionError, ConnectTimeoutError) as error:
        raise _unavailable("unreachable", f"the server was not reached ({type(error).__name__})") from None
    except (HTTPClientError, IncompleteReadError) as error:
        raise _unavailable("cut-off", f"the connection to the server was lost ({type(error).__name__})") from None
    except (BotoCoreError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unavailable("nonsense", f"{_UNSAID} ({type(error).__name__})") from None


def _refusal(error: ClientError) -> Exception:
    status, code = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"].get("Code", "")
    known = _CODES.get(code)
    if known is not None:
        return _unavailable(*known)
    if status >= _TROUBLE or status in _BUSY:
        return _unavailable("troubled", "the server has trouble of its own")
    if status in {_GONE, _FORBIDDEN}:
        return (FileNotFoundError if status == _GONE else PermissionError)("refused by the server")
    return OSError(errno.ESTALE if status == _ANOTHER else errno.EINVAL, "refused by the server")


def _drained(body: Any, most: int) -> bytes:  # noqa: ANN401  # the library's, and without types
    """Return at most so many bytes."""
    pieces, left = [], most
    while left > 0 and (piece := body.read(min(left, PIECE_BYTES))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _stand(told: Mapping[str, Any], size_bytes: int) -> Stand:
    """Return how an object stands; its time is told in whole seconds, here as there."""
    return Stand(
        inode=0,
        size_bytes=size_bytes,
        changed_ns=int(told["LastModified"].timestamp()) * 1_000_000_000,
        mode=PLAIN,
        links=1,
        tag=str(told["ETag"]).strip('"'),
    )


def _only(tag: str | None) -> dict[str, str]:
    return {} if tag is None else {"IfMatch": f'"{tag}"'}


@cache
def _session() -> Session:
    """Return a session that knows nothing of this machine's own settings."""
    variables = {name: (None, None, told[2], told[3]) for name, told in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
    nowhere = (None, None, os.devnull, None)
    return Session(session_vars=variables | {"config_file": nowhere, "credentials_file": nowhere})


def _key_of(place: S3Place) -> tuple[str, str]:
    try:
        is_open, text = bool(place.key_file.stat().st_mode & _OTHERS), place.key_file.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise _unavailable("key", f"our access key cannot be read ({type(error).__name__})") from None
    if is_open:
        raise _unavailable("key", "others can read our access key: take their permission away")
    lines = text.split()
    if len(lines) != _KEY_LINES:
        raise _unavailable("key", "the file of our access key must hold its id and its secret, a line each")
    return lines[0], lines[1]


def _unavailable(code: str, message: str) -> PartnerUnavailableError:
    return PartnerUnavailableError(message, code=code)
