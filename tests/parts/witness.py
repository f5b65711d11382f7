"""A log that tests grow and fork as they like, and a witness as its owner runs it."""

import http.client
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from letters.commands.witness_key import write_witness_key
from tests.parts.server import Undersigned, await_answer, free_port
from verification.ledger.checkpoints import Checkpoint
from verification.ledger.notes import Note, NoteSigner, VerifierKey
from verification.ledger.trees import ReadTile, append, consistency_proof, root_at
from verification.ledger.witness import Submission

ORIGIN = "letters.example.org/letters/example/log"


@dataclass
class GrowingLog:
    """A log in memory that signs any of its sizes."""

    origin: str = ORIGIN
    seed: bytes = bytes(32)
    size: int = 0
    _tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)

    @property
    def verifier(self) -> VerifierKey:
        return NoteSigner(self.origin, self.seed).verifier

    @property
    def read_tile(self) -> ReadTile:
        return lambda level, number: self._tiles.get((level, number), b"")

    def grow(self, entries: Sequence[bytes]) -> "GrowingLog":
        grown = append(self.size, entries, self.read_tile)
        self.size = grown.size
        self._tiles |= grown.tiles
        return self

    def checkpoint(self, size: int) -> Checkpoint:
        return Checkpoint(self.origin, size, root_at(size, self.read_tile))

    def note(self, size: int) -> Note:
        checkpoint = self.checkpoint(size)
        return Note(checkpoint.text, (NoteSigner(self.origin, self.seed).sign(checkpoint.text),))

    def submission(self, old_size: int, size: int) -> bytes:
        """The request to cosign a size after another; without a proof where there can be none."""
        proof = consistency_proof(old_size, size, self.read_tile) if old_size <= size else []
        return Submission(old_size, tuple(proof), self.note(size), self.checkpoint(size)).body


@dataclass
class RunningWitness:
    """A witness that answers at `url`; its files lie in `folder`."""

    url: str
    folder: Path
    verifier: VerifierKey
    process: Undersigned

    @property
    def logs(self) -> Path:
        return self.folder / "logs.txt"

    def follow(self, *verifiers: VerifierKey) -> None:
        """Follow these logs from now on, and no others."""
        self.logs.write_text("".join(f"log {verifier}\n" for verifier in verifiers))

    def post(self, body: bytes, path: str = "/add-checkpoint") -> tuple[int, str, bytes]:
        """Status, content type and body of the answer."""
        return self._ask("POST", path, body)

    def get(self, path: str = "/") -> tuple[int, str, bytes]:
        return self._ask("GET", path, None)

    def _ask(self, method: str, path: str, body: bytes | None) -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.headers["Content-Type"], answer.read()
        finally:
            connection.close()


def found_witness(folder: Path, name: str = "newsroom.example.org/witness") -> VerifierKey:
    """Make what a new witness has: a key, a folder for its memory, and no log that it follows."""
    verifier = write_witness_key(folder / "witness.key", name, secrets.token_bytes(32))
    (folder / "state").mkdir()
    (folder / "logs.txt").touch()
    return verifier


@contextmanager
def running_witness(folder: Path, verifier: VerifierKey, port: int | None = None) -> Iterator[RunningWitness]:
    """Run a witness that was founded in a folder, without one setting of the site."""
    port = port or free_port()
    files = ("--key", "witness.key", "--state", "state", "--logs", "logs.txt")
    environment = {"UNDERSIGNED_BASE_URL": "no address"}
    process = Undersigned("witness", "serve", *files, "--port", str(port), environment=environment, folder=folder)
    try:
        await_answer(f"http://127.0.0.1:{port}/", process)
        yield RunningWitness(f"http://127.0.0.1:{port}", folder, verifier, process)
    finally:
        process.kill()
