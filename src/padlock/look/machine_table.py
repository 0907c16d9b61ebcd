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
    "docker": "not needed; here is only whether it is there",
    "kubectl": "not needed; here is only whether it is there",
}


def tools_here(tools: dict[str, Tool]) -> Shown:
    """A row for each tool: here or not, its version, and what the course uses it for."""
    rows = []
    for name in sorted(tools, key=list(USES).index):
        tool = tools[name]
        mark = ("✓", "here") if tool else ("·", "not here")
        rows.append((name, mark, visible(tool.version, 80), USES[name]))
    html = Markup("<table class='pl-table'><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
        Markup("").join(
            Markup("<th scope='col'>{}</th>").format(head)
            for head in ("program", "here?", "version", "what for")
        ),
        Markup("").join(
            Markup("<tr><th scope='row'>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>").format(
                name, " ".join(mark), version, use
            )
            for name, mark, version, use in rows
        ),
    )
    return Shown(
        html,
        "\n".join(f"{mark[0]} {name}: {version or mark[1]} ({use})" for name, mark, version, use in rows),
    )
