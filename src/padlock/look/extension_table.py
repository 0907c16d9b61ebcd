"""The extensions of a certificate as a table: what each says, what it is for, and whether a client may skip it."""

from cryptography.hazmat.primitives.serialization import Encoding
from markupsafe import Markup

from padlock import der, reading
from padlock.look.shown import Shown

LONGEST = 90  # characters of what an extension says
MOST = 30
CRITICAL = Markup('<br><span class="pl-pill pl-ca">critical</span>')
HEAD = ("extension", "says", "what it is for")


def extensions(certificate) -> Shown:
    """A row for each extension, in the certificate's own order. Raises `reading.Unreadable`.

    What they are for, and the clause, is what `padlock.der` knows; an extension that it does not know is shown
    by its OID.
    """
    rows = _rows(reading.certificate(certificate).public_bytes(Encoding.DER))
    if not rows:
        words = "It has no extensions."
        return Shown(Markup('<p class="pl-note">{}</p>').format(words), words)
    body = Markup("").join(
        Markup(
            '<tr><th scope="row" class="pl-ext"><code>{}</code>{}</th><td class="pl-ext-says">{}</td>'
            '<td>{} <span class="pl-dim">{}</span></td></tr>'
        ).format(name, CRITICAL if critical else "", says, note, clause)
        for name, critical, says, note, clause in rows
    )
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(word) for word in HEAD)
    html = Markup('<table class="pl-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(
        head, body
    )
    text = "\n".join(
        f"{name}{' (critical)' if critical else ''}: {says}. {note} {clause}"
        for name, critical, says, note, clause in rows
    )
    return Shown(html, text)


def _rows(data: bytes) -> list[tuple[str, bool, str, str, str]]:
    """(name, critical, what it says, what it is for, clause)"""
    found = der.parse(data).find("Extensions")
    rows = []
    for node in (found.children if found else [])[:MOST]:
        critical = any(part.label == "critical" and any(part.content) for part in node.children)
        says = node.text.removeprefix("critical · ")
        name, note, clause = node.label, node.note, node.clause
        if name == "Extension":  # not in the tables
            name = node.children[0].text if node.children else "?"
            note = "Not known here: a private one, or a newer one than this course."
        says = says if len(says) <= LONGEST else says[:LONGEST] + "…"
        rows.append((reading.visible(name, 60), critical, reading.visible(says, 120), note, clause))
    return rows
