"""The catalogue: artists and tracks, as they land in the raw tables."""

import hashlib
import json

from playback.catalogue import audio_clusters
from playback.catalogue.losses import require_tracks, rows_in_words, tracks_in_words
from playback.progress import Progress
from playback.settings import CatalogueSettings
from playback.warehouse import Warehouse

__all__ = ["fingerprint", "land", "require_tracks", "rows_in_words", "tracks_in_words"]

RAW_TABLES = (
    *("artists", "tracks", "tracks_extended", "track_audio_clusters"),
    *("source_files", "rejected_rows", "missing_values"),
)
"""What a catalogue lands in."""


def land(warehouse: Warehouse, settings: CatalogueSettings, progress: Progress) -> None:
    """Replace the raw catalogue, its audio clusters and what was lost of it: all of it or nothing.

    Raises:
        PlaybackError: a Kaggle file is missing, lacks a column or cannot be read.
    """
    with warehouse.transaction():
        warehouse.clear(*RAW_TABLES)
        if settings.catalogue is None:
            from playback.catalogue import synthetic

            synthetic.land(warehouse, settings, progress)
        else:
            from playback.catalogue import kaggle

            kaggle.land(warehouse, settings.catalogue, progress)
        audio_clusters.land(warehouse, settings.seed)


def fingerprint(settings: CatalogueSettings) -> str:
    """Hash of all that the landed catalogue depends on: equal fingerprints, equal rows.

    Raises:
        PlaybackError: a Kaggle file is missing.
    """
    if settings.catalogue is None:
        from playback.catalogue import synthetic

        source = synthetic.fingerprint(settings)
    else:
        from playback.catalogue import kaggle

        source = kaggle.fingerprint(settings.catalogue)
    parts = [settings.catalogue_source, source, audio_clusters.VERSION, settings.seed]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
