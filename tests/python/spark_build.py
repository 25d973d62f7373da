"""Builds a lake with dbt on Spark twice, as a world grows: `python spark_build.py LAKE LATER`.

The first build sees `raw/user_events` as it lies there; for the second one it is what LATER holds.
In the end, views are files too. One process does it all, for Java starts once in it.
"""

import shutil
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner
from pyspark.sql import SparkSession

from playback.settings import PROJECT_ROOT


def build(lake: Path, *options: str) -> None:
    """Run `dbt build --target spark`.

    Raises:
        SystemExit: something was not built, or a data test failed.
    """
    root = ("--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT))
    paths = ("--target-path", str(lake / "target"), "--log-path", str(lake / "logs"))
    if not dbtRunner().invoke(["build", "--target", "spark", *root, *paths, *options]).success:
        sys.exit("dbt build failed")


def write_views(lake: Path) -> None:
    """Write what each view of the marts and feeds shows to `views/<schema>/<view>`."""
    spark = SparkSession.builder.getOrCreate()
    for schema in ("main", "feeds"):
        views = spark.sql(f"show views in {schema}").where("not isTemporary")
        for (name,) in views.select("viewName").collect():
            spark.table(f"{schema}.{name}").write.parquet(f"{lake}/views/{schema}/{name}")


if __name__ == "__main__":
    lake, later = map(Path, sys.argv[1:])
    only_models = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    build(lake, "--select", "+config.materialized:incremental", *only_models)
    shutil.rmtree(lake / "raw" / "user_events")
    later.rename(lake / "raw" / "user_events")
    build(lake, "--exclude-resource-type", "unit_test")
    write_views(lake)
