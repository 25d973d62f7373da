"""Writes what `docs/` says of the dbt project, from the project itself."""

from docs.generator.erd import erd
from docs.generator.manifest import Manifest
from docs.generator.metrics import metrics

_PAGES = {"erd.md": erd, "metrics.md": metrics}


def pages(manifest: Manifest) -> dict[str, str]:
    """Every generated page, by the name of its file in `docs/`."""
    return {name: write(manifest) for name, write in _PAGES.items()}
