"""Referees that shake hands: a server shows the chain, and a real client accepts or refuses it, in its own words.

They live here and not in `judge`, which stands below this room and needs no sockets: to read a chain is one thing,
to meet a server another. `ALL` has both kinds.
"""

from __future__ import annotations

import json
import os
import ssl
from contextlib import contextmanager
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from padlock import keys
from padlock.authority import self_signed
from padlock.judge import names
from padlock.judge.case import Case
from padlock.judge.referees import READERS, Files, Opinion, Referee, Silent, find, run

from .contexts import borrowed, client_context, server_context
from .handshake import meet
from .loopback import HOST, TLSServer

TLS_TROUBLE = {35, 51, 53, 54, 58, 59, 60, 66, 77, 80, 82, 83, 90, 91}  # curl's exit codes that are about TLS


def python(case: Case) -> Opinion:
    """The `ssl` module of this Python: a handshake in memory. Its clock is the machine's."""
    shown = _identity(case)
    want = names.wanted(case.name)
    try:
        if case.purpose == "server":
            judging = client_context(case.roots, check_name=want is not None)
            _add_lists(judging, case)
            meeting = meet(judging, server_context(shown, weak=True), None if want is None else str(want))
        else:
            showing = client_context((), identity=shown, verify=False)
            judging = server_context(self_signed("server.test"), client_roots=case.roots)
            _add_lists(judging, case)
            meeting = meet(showing, judging, None)
    except ValueError as error:
        raise Silent(f"no handshake can begin: {error}") from error
    if meeting.error is None:
        return Opinion("", True, f"{meeting.version}, {meeting.cipher}")
    if meeting.error.who != case.purpose:
        code = meeting.error.code
        return Opinion("", False, meeting.error.said, "" if code is None else f"error {code}")
    raise Silent(f"the one who shows the certificate gave up first: {meeting.error.said}")


def curl(case: Case) -> Opinion:
    """curl, which meets a real server on this machine."""
    program = find("curl")
    with _server(case) as (server, host), Files() as files:
        call = [program, "-q", "-sS", "--max-time", "5", "--noproxy", "*", "--write-out", "HTTP %{http_code}"]
        call += ["--output", os.devnull, "--capath", files.folder()]
        call += ["--connect-to", f"{host}:{server.port}:{HOST}:{server.port}"]
        if case.roots:
            call += ["--cacert", files.write(*case.roots)]
        if case.crls:
            call += ["--crlfile", files.write(*case.crls)]
        done = run([*call, f"https://{host}:{server.port}{server.path}"])
    said = done.stderr.strip().splitlines()
    if done.returncode == 0:
        return Opinion("", True, done.stdout)
    if done.returncode not in TLS_TROUBLE:
        raise Silent(f"it got no answer: {said[0] if said else done.returncode}")
    return Opinion("", False, said[0])


NODE = """
const asked = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const say = (accepted, words, code) => { console.log(JSON.stringify({accepted, words, code})); process.exit(0); };
const socket = require('net').connect(asked.port, '127.0.0.1');
socket.setTimeout(5000, () => process.exit(2));
try {
  const client = require('tls').connect({
    socket, host: asked.host, servername: asked.address ? '' : asked.host, ca: asked.ca,
    crl: asked.crl.length ? asked.crl : undefined, allowPartialTrustChain: true, rejectUnauthorized: true,
  }, () => say(true, client.getProtocol() + ', ' + client.getCipher().standardName, ''));
  client.on('error', error => say(false, error.message, error.code || ''));
} catch (error) { say(null, error.message, error.code || ''); }
"""


def node(case: Case) -> Opinion:
    """Node.js, which meets a real server on this machine."""
    program = find("node")
    want = names.wanted(case.name)
    with _server(case) as (server, _):
        question = {
            "host": str(want),
            "port": server.port,
            "address": want.kind == "IP",
            "ca": [_pem(root) for root in case.roots],
            "crl": [_pem(crl) for crl in case.crls],
        }
        done = run([program, "-e", NODE], json.dumps(question))
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise Silent(f"it got no answer: {done.stderr.strip()[:200] or done.returncode}") from None
    if answer["accepted"] is None:
        raise Silent(f"it could not begin: {answer['words']}")
    return Opinion("", answer["accepted"], answer["words"].strip(), answer["code"])


CLIENTS: dict[str, Referee] = {"Python ssl": python, "curl": curl, "node": node}
ALL: dict[str, Referee] = READERS | CLIENTS
QUICK: dict[str, Referee] = {name: ALL[name] for name in ("OpenSSL", "cryptography", "Python ssl")}


def _identity(case: Case) -> Any:
    """What the one who is judged brings to a handshake."""
    if not case.present:
        raise Silent("it has no clock but the machine's, and can only be asked about now")
    if case.purpose is None:
        raise Silent("in TLS the other side is a server or a client")
    if case.private_key is None:
        raise Silent("without the private key nobody can shake hands for this certificate")
    fitting = [keys.same_pair(certificate, case.private_key) for certificate in case.sent]
    if fitting[0]:
        return case.sent, case.private_key
    if any(fitting):
        raise Silent(
            "no server starts like this: its key does not belong to the first certificate in the file"
        )
    return borrowed(case.sent)  # not a mistake but an attack: somebody else's certificate


def _add_lists(context: ssl.SSLContext, case: Case) -> None:
    if case.crls:
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
        with Files() as files:
            context.load_verify_locations(files.write(*case.crls))


@contextmanager
def _server(case: Case):
    """A real server with this chain, and the host's name as in a URL."""
    shown, want = _identity(case), names.wanted(case.name)
    if case.purpose != "server":
        raise Silent("it is a client, and judges servers")
    if want is None or want.kind not in ("DNS", "IP"):
        raise Silent("it wants the name or the address of a server")
    host = f"[{want}]" if getattr(want.value, "version", 4) == 6 else str(want)
    try:
        server = TLSServer(shown, name=host, weak=True)
    except ValueError as error:
        raise Silent(f"no server starts like this: {error}") from error
    with server:
        yield server, host


def _pem(thing: Any) -> str:
    return thing.public_bytes(Encoding.PEM).decode()
