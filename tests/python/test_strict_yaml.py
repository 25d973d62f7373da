"""YAML is read strictly: what dbt would not understand, or no longer wants, is a fault."""

from pathlib import Path

import pytest
import yaml

from conftest import Parsed
from playback.settings import PROJECT_ROOT
from strict_yaml import faults, project_files, read_yaml

SOUND = """
models:
  - name: dim_tracks
    description: One row per track.
    config: {materialized: table}
    columns:
      - name: track_key
        data_type: integer
        constraints: [{type: check, expression: track_key >= 0}]
        data_tests:
          - unique: {config: {where: track_key > 0}}
          - relationships: {arguments: {to: ref('dim_artists'), field: artist_key}}
metrics:
  - {name: plays, label: Plays, type: simple, type_params: {measure: plays}}
"""

MISTAKES = (
    ("description: One row", "descripton: One row"),
    ("columns:", "column:"),
    ("constraints:", "constraint:"),
    ("type: check", "type: chek"),
    ("expression:", "expresion:"),
    ("materialized:", "materialised:"),
    ("config: {materialized: table}", "materialized: table"),
    ("config: {materialized: table}", "meta: {owner: me}"),
    ("data_tests:", "tests:"),
    ("config: {where: track_key > 0}", "config: {were: track_key > 0}"),
    ("arguments: {to: ref('dim_artists'), field: artist_key}", "to: ref('dim_artists')"),
    ("models:", "model:"),
    ("label: Plays", "lable: Plays"),
)

PROJECT_MISTAKES = (
    ("+materialized", "+materialised"),
    ("+materialized", "materialized"),
    ("enforced: true", "enforce: true"),
    ("model-paths", "models-paths"),
    ("data_tests:", "tests:"),
    ("use_colors", "use_colours"),
)


@pytest.mark.parametrize("file", project_files(), ids=lambda file: file.name)
def test_every_key_means_something(file: Path):
    assert faults(file.name, read_yaml(file)) == []


def test_a_sound_file_has_no_faults():
    assert faults("_models.yml", yaml.safe_load(SOUND)) == []


@pytest.mark.parametrize(("right", "wrong"), MISTAKES)
def test_a_misspelt_key_or_former_form_is_a_fault(right: str, wrong: str):
    assert right in SOUND
    assert faults("_models.yml", yaml.safe_load(SOUND.replace(right, wrong, 1)))


@pytest.mark.parametrize(("right", "wrong"), PROJECT_MISTAKES)
def test_so_it_is_in_the_project_file(right: str, wrong: str):
    project = (PROJECT_ROOT / "dbt_project.yml").read_text()
    assert right in project
    assert faults("dbt_project.yml", yaml.safe_load(project.replace(right, wrong, 1)))


def test_so_it_is_in_the_profile():
    profiles = (PROJECT_ROOT / "profiles.yml").read_text()
    assert faults("profiles.yml", yaml.safe_load(profiles.replace("plugins:", "plugin:")))


def test_dbt_has_nothing_to_warn_of(parsed: Parsed):
    """Repeated keys, patches of nothing, configurations of nothing, deprecated forms in SQL."""
    assert parsed.succeeded, parsed.log[-4000:]
