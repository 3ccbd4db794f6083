"""The few shapes that a chart is made of, as SVG."""

from markupsafe import escape


def rect(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    fill: str,
    stroke: str = "",
    title: str = "",
    behind: bool = False,
) -> str:
    """A box. `title` is shown by a page under the pointer; `behind`: so faint that lines show through."""
    edge = f' stroke="{stroke}" stroke-width="1.5"' if stroke else ""
    faint = ' fill-opacity="0.6"' if behind else ""
    shape = f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"{edge}{faint}'
    return f"{shape}><title>{escape(title)}</title></rect>" if title else f"{shape}/>"


def line(x1: float, y1: float, x2: float, y2: float, *, stroke: str, width: float = 1, dashes: str = "") -> str:
    """A straight line. `dashes`: lengths on and off, e.g. `6 4`."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" '
        f'stroke-width="{width:g}"{dashed}/>'
    )


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 13,
    fill: str = "#1a1a1a",
    anchor: str = "start",
    weight: str = "",
    halo: bool = False,
) -> str:
    """Words on a base line. `anchor`: start, middle or end; `halo`: with white around, over whatever lies behind."""
    bold = f' font-weight="{weight}"' if weight else ""
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    around = ' stroke="#ffffff" stroke-width="4" paint-order="stroke" stroke-linejoin="round"' if halo else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}"{where}{bold}{around}>{escape(words)}</text>'


def path(points: list[tuple[float, float]], *, stroke: str) -> str:
    """A line through all points."""
    along = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{along}" fill="none" stroke="{stroke}" stroke-width="1.2"/>'
