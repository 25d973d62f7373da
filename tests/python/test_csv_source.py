import csv
import gzip
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playback.catalogue.kaggle import csv_source
from playback.catalogue.kaggle.csv_source import CsvSource
from playback.errors import PlaybackError
from playback.progress import Silent

NAMES = ("id", "name", "note")


def read(path, columns=NAMES):
    """Rows with the line each starts on, and the rejected rows, of the whole file."""
    rows, broken = [], []
    with CsvSource(path) as source:
        places = {name: source.header.index(name) for name in columns}
        for batch in source.batches(places, Silent()):
            starts = [batch.first_line + start for start in batch.starts]
            values = zip(*batch.rows.to_pydict().values(), strict=True)
            rows += zip(starts, values, strict=True)
            broken += batch.broken
    return rows, broken


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def as_csv(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


@pytest.fixture(params=["at once", "by row"])
def either_way(request, monkeypatch):
    if request.param == "by row":
        monkeypatch.setattr(csv_source, "_is_sound", lambda block: False)


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_rows_and_their_lines(tmp_path, line_end):
    lines = ["id,name,note", '1,"a ""b"", c",', '2,"x\ny\n",é', "3,,後", ""]
    rows, broken = read(write(tmp_path / "a.csv", line_end.join(lines)))
    assert rows == [
        (2, ("1", 'a "b", c', "")),
        (3, ("2", "x\ny\n", "é")),
        (6, ("3", "", "後")),
    ]
    assert broken == []


@pytest.mark.usefixtures("either_way")
def test_empty_lines_hold_no_row_and_the_last_line_needs_no_end(tmp_path):
    rows, broken = read(write(tmp_path / "a.csv", "id,name,note\n\n1,a,b\n\r\n\n2,c,d"))
    assert rows == [(3, ("1", "a", "b")), (6, ("2", "c", "d"))]
    assert broken == []


def test_columns_are_taken_by_place_and_others_ignored(tmp_path):
    path = write(tmp_path / "a.csv", "\ufeffnote,,id,name\nn,7,1,a\n")
    assert read(path)[0] == [(2, ("1", "a", "n"))]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,a", "the number of fields is 2, not 3"),
        ("1,a,b,c", "the number of fields is 4, not 3"),
        ('1,"a"b,c', "cannot be split into fields (',' expected after '\"'): mend its quotes"),
        ("1,a\0,b", "holds a NUL character"),
    ],
)
def test_a_bad_row_is_named_and_its_neighbours_stand(tmp_path, line, reason):
    path = write(tmp_path / "a.csv", f"id,name,note\n0,x,y\n{line}\n2,x,y\n")
    rows, broken = read(path)
    assert [values[0] for _, values in rows] == ["0", "2"]
    assert broken == [(3, None, reason, line.replace("\0", "\ufffd"))]


def test_an_unclosed_quote_costs_one_line(tmp_path):
    path = write(tmp_path / "a.csv", 'id,name,note\n0,x,y\n1,"a,b\n2,x,y\n3,"p, q",y\n4,x,y\n')
    rows, broken = read(path)
    assert [values[0] for _, values in rows] == ["0", "2", "3", "4"]
    assert [(row.line_number, row.line_text) for row in broken] == [(3, '1,"a,b')]


def test_an_unclosed_quote_at_the_end(tmp_path):
    rows, broken = read(write(tmp_path / "a.csv", 'id,name,note\n0,x,y\n1,"a\n'))
    assert len(rows) == 1
    assert broken[0].line_number == 3
    assert "unexpected end of data" in broken[0].reason


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_huge_field_is_rejected_with_the_beginning_of_its_text(tmp_path, quote):
    huge = "x" * (csv_source.MAX_FIELD_CHARACTERS + 1)
    path = write(tmp_path / "a.csv", f"id,name,note\n0,{quote}{huge}{quote},y\n1,x,y\n")
    rows, broken = read(path)
    assert [values[0] for _, values in rows] == ["1"]
    assert "field larger than field limit" in broken[0].reason
    assert len(broken[0].line_text) == csv_source.MAX_LINE_TEXT


def test_a_wrong_row_over_several_lines_is_one_rejected_row(tmp_path):
    rows, broken = read(write(tmp_path / "a.csv", 'id,name,note\n1,"a\nb"\n2,x,y\n'))
    assert rows == [(4, ("2", "x", "y"))]
    assert [(row.line_number, row.line_text) for row in broken] == [(2, '1,"a\nb"')]


@pytest.mark.parametrize("block_bytes", [64, 100, 1000])
def test_rows_across_blocks(tmp_path, monkeypatch, block_bytes):
    table = [(str(row), "a\nb" * (row % 5), '", é') for row in range(200)]
    path = write(tmp_path / "a.csv", as_csv([NAMES, *table]))
    whole = read(path)
    assert [values for _, values in whole[0]] == table
    monkeypatch.setattr(csv_source, "BLOCK_BYTES", block_bytes)
    assert read(path) == whole


def test_a_line_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_source, "BLOCK_BYTES", 100)
    path = write(tmp_path / "a.csv", "id,name,note\n1,a,b\n2," + "x" * 1000)
    with pytest.raises(PlaybackError, match=r"a\.csv line 3 is longer than 100 bytes"):
        read(path)


@pytest.mark.parametrize(
    ("encoding", "name", "line", "finding"),
    [
        ("latin-1", "né", 4, "the byte 0xE9"),
        ("utf-16-be", "ne", 1, "a NUL byte"),
        ("utf-16-le", "ne", 1, "a NUL byte"),
    ],
)
def test_another_encoding_is_refused_with_its_place(tmp_path, encoding, name, line, finding):
    text = f'id,name,note\n1,"a\nb",c\n2,{name},c\n3,{name},c\n'
    path = write(tmp_path / "a.csv", text, encoding)
    with pytest.raises(PlaybackError, match=f"a.csv line {line} is not UTF-8.*{finding}.*save"):
        read(path)


def test_the_encoding_is_checked_in_later_blocks_too(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_source, "BLOCK_BYTES", 64)
    path = write(tmp_path / "a.csv", "id,name,note\n" + "1,a,b\n" * 100 + "2,é,b\n", "latin-1")
    with pytest.raises(PlaybackError, match="line 102 is not UTF-8"):
        read(path)


def test_damaged_gzip_files_are_refused(tmp_path):
    whole = gzip.compress(("id,name,note\n" + "1,a,b\n" * 10_000).encode())
    damaged = {
        "short.csv.gz": whole[: len(whole) // 2],
        "bad.csv.gz": whole[:30] + bytes(40) + whole[70:],
    }
    for name, content in damaged.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PlaybackError, match="is not a whole gzip file"):
            read(tmp_path / name)


def test_empty_lines_before_the_header_are_passed_over(tmp_path):
    rows, _ = read(write(tmp_path / "a.csv", "\ufeff\n\r\nid,name,note\n1,a,b\n"))
    assert rows == [(4, ("1", "a", "b"))]


@pytest.mark.parametrize("packed", [False, True])
def test_empty_lines_on_end_are_refused(tmp_path, monkeypatch, packed):
    monkeypatch.setattr(csv_source, "BLOCK_BYTES", 1000)
    content = b"id,name,note\n1,a,b\n" + b"\n" * 5000
    (tmp_path / "a.csv").write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(PlaybackError, match="1,000 bytes of empty lines"):
        read(tmp_path / "a.csv")


def test_a_gzip_file_that_expands_without_measure_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_source, "_SMALL_BYTES", 10_000)
    monkeypatch.setattr(csv_source, "BLOCK_BYTES", 5_000)
    (tmp_path / "a.csv").write_bytes(gzip.compress(b"id,name,note\n" + b"1,a,b\n" * 100_000))
    with pytest.raises(PlaybackError, match="expands to more than 100 times"):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize("text", ["", "\ufeff", "\n"])
def test_a_file_without_header_is_refused(tmp_path, text):
    with pytest.raises(PlaybackError, match="is empty"):
        read(write(tmp_path / "a.csv", text))


def test_a_header_with_broken_quotes_is_refused(tmp_path):
    with pytest.raises(PlaybackError, match="the header cannot be split"):
        read(write(tmp_path / "a.csv", '"id,name,note\n1,2,3\n'))


@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_progress_ends_at_the_size_of_the_file(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(csv_source, "BLOCK_BYTES", 4096)
    content = ("id,name,note\n" + "1,a,b\n" * 5_000).encode()
    path = tmp_path / f"a{ending}"
    path.write_bytes(gzip.compress(content) if ending.endswith("gz") else content)
    steps = []

    class Counter(Silent):
        def advance(self, done):
            steps.append(done)

    with CsvSource(path) as source:
        list(source.batches({"id": 0}, Counter()))
    assert sum(steps) == path.stat().st_size


texts = st.text(st.sampled_from('ab,"\n\r é'), max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(texts, min_size=1, max_size=5), max_size=12))
def test_both_ways_of_splitting_agree_and_lose_nothing(tmp_path_factory, table):
    path = write(tmp_path_factory.mktemp("csv") / "a.csv", as_csv([NAMES, *table]))
    at_once = read(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_source, "_is_sound", lambda block: False)
        assert read(path) == at_once
        patch.setattr(csv_source, "BLOCK_BYTES", 128)
        assert read(path) == at_once
    rows, broken = at_once
    assert [list(values) for _, values in rows] == [row for row in table if len(row) == 3]
    assert len(rows) + len(broken) == len(table)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('a,"\n\r\0'), max_size=60))
def test_any_text_is_read_without_a_fault_and_the_same_both_ways(tmp_path_factory, text):
    path = write(tmp_path_factory.mktemp("csv") / "a.csv", "id,name,note\n" + text)
    at_once = read(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_source, "_is_sound", lambda block: False)
        assert read(path) == at_once
