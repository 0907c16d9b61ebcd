"""What this machine brings along, as a table."""

from markupsafe import Markup

from padlock.look.shown import Shown
from padlock.machine import Tool
from padlock.reading import visible

# What lessons use each for; ssl and cryptography are always there.
USES = {
    "ssl": "shakes hands in every lesson (it is part of Python)",
    "cryptography": "makes and reads keys and certificates (it came with the course)",
    "openssl": "the commands at the end of each lesson",
    "curl": "a real client, with an opinion of its own",
    "node": "another real client",
    "go": "another real client",
}


def tools_here(tools: dict[str, Tool]) -> Shown:
    """A row for each tool that lessons use: here or not, its version, and what for."""
    rows = []
    for name in USES:
        tool = tools[name]
        mark = ("✓", "here") if tool else ("·", "not here")
        rows.append((name, mark, _short(tool.version), USES[name]))
    html = Markup("<table class='pl-table'><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
        Markup("").join(
            Markup("<th scope='col'>{}</th>").format(head)
            for head in ("program", "here?", "version", "what for")
        ),
        Markup("").join(
            Markup(
                "<tr><th scope='row' class='pl-nowrap'>{}</th><td class='pl-nowrap'>{}</td><td>{}</td><td>{}</td></tr>"
            ).format(name, " ".join(mark), version, use)
            for name, mark, version, use in rows
        ),
    )
    return Shown(
        html,
        "\n".join(f"{mark[0]} {name}: {version or mark[1]} ({use})" for name, mark, version, use in rows),
    )


def _short(version: str) -> str:
    """Without what stands in brackets: builds, platforms, a library named twice."""
    return visible(version.partition(" (")[0], 60)
