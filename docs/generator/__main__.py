"""Write the generated pages of `docs/`: `make docs`, or `python -m docs.generator`."""

from docs.generator import pages
from docs.generator.manifest import ROOT, Manifest

for name, text in pages(Manifest.of_project()).items():
    (ROOT / "docs" / name).write_text(text)
