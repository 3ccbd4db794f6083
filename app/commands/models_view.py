"""How `longcheng models` shows what it found."""

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from app.commands.models_facts import Checked, Listed

_IGNORED_SHOWN = 20


def list_table(rows: Sequence[Listed]) -> Table:
    """All models; the one in use is marked."""
    table = Table(title="models", title_justify="left")
    for column in ("", "model", "how", "classes", "size", ""):
        table.add_column(column)
    for row in rows:
        table.add_row(
            "→" if row.in_use else "",
            Text("\n".join(part for part in (row.name, (row.sha256 or "")[:16]) if part)),
            "\n".join(part for part in (row.engine, f"{row.input}, {row.output}" if row.input else "") if part),
            "" if row.classes is None else f"{row.classes},\nof use {row.spoken_of}",
            f"{row.size_bytes / 1e6:.1f} MB" if row.size_bytes else "",
            Text(row.problem, style="red") if row.problem else Text("readable", style="green"),
        )
    return table


def check_table(found: Checked) -> Iterator[Table | Text]:
    """What the model is, and what it saw."""
    facts = Table(title=Text(found.model), show_header=False, title_justify="left")
    for name, value in (
        ("sha256", found.sha256),
        ("engine", found.engine),
        ("input", found.input),
        ("output", found.output),
        ("speaks of", ", ".join(name if name == word else f"{name} → {word}" for name, word in found.words.items())),
        ("ignores", _some(found.ignored) or "nothing"),
        ("people", "found, so that they can be hidden" if found.hides_people else "not found by this model"),
        ("a picture", f"{found.best_ms:.1f} ms at best, {found.median_ms:.1f} ms in the middle"),
    ):
        facts.add_row(name, Text(value))
    yield facts
    seen = Table(title=Text(f"in {found.picture}"), title_justify="left")
    for column in ("class", "score", "box (x1 y1 x2 y2)", ""):
        seen.add_column(column)
    for thing in found.found:
        box = " ".join(f"{edge:.3f}" for edge in thing.box)
        seen.add_row(Text(thing.label), f"{thing.score:.2f}", box, "" if thing.spoken_of else "not spoken of")
    yield seen if found.found else Text(f"nothing seen in {found.picture}")


def _some(names: Sequence[str]) -> str:
    rest = f" and {len(names) - _IGNORED_SHOWN} more" if len(names) > _IGNORED_SHOWN else ""
    return ", ".join(names[:_IGNORED_SHOWN]) + rest
