"""Palette and type that the pages, charts and cards share, and how their templates are filled."""

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

LIGHT = {
    "ink": "#1c1917",
    "quiet": "#6f6963",
    "rule": "#e7e5e4",
    "simulated": "#7c3aed",
    "reference": "#0d9488",
    "outside": "#c2410c",
    "good": "#15803d",
    "paper": "#faf9f7",
    "card": "#ffffff",
}
DARK = {
    "ink": "#f5f5f4",
    "quiet": "#a8a29e",
    "rule": "#3a3633",
    "simulated": "#a78bfa",
    "reference": "#2dd4bf",
    "outside": "#fb923c",
    "good": "#4ade80",
    "paper": "#161412",
    "card": "#211e1c",
}
"""The colours of a page by what they are for, as the reader's system asks for light or dark."""

GROUNDS = (
    ("#4c1d95", "#ddd6fe"),
    ("#134e4a", "#5eead4"),
    ("#7c2d12", "#fdba74"),
    ("#2b2724", "#c4b5fd"),
)
"""Pairs of ground and accent that the cards of a Wrapped take in turn; their text is white."""

FONTS = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'


def fill(package: str, template: str, **content: object) -> str:
    """Fill a template that lies in a package; text is escaped, and the palette is there."""
    environment = Environment(
        loader=PackageLoader(package, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filled: Template = environment.get_template(template)
    return filled.render(light=LIGHT, dark=DARK, fonts=FONTS, **content)
