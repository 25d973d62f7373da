"""The 35 canonical genres: how each one sounds, who makes it and what its sources call it.

The numbers are typical values of a genre's tracks, set by ear from what the audio features mean;
`sound.py` spreads tracks around them.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Genre:
    """One canonical genre.

    Attributes:
        name: as in `seeds/genres.csv`.
        born: year of its first recordings.
        danceability, energy, speechiness, acousticness, instrumentalness, liveness, valence:
            typical audio features, 0-1.
        loudness: typical loudness, dB.
        tempo: typical tempo, beats a minute.
        minutes: median duration.
        major: share of tracks in a major key.
        explicit: share of explicit tracks among modern ones.
        guests: share of tracks with a featured artist.
        acts: what kinds of acts play it, by name in `vocabulary.ACTS`.
        titles: how its tracks are called, by name in `vocabulary.TITLES`.
        kin: genres that its artists also play.
        flavours: words that make a micro-genre of it when put before its name.
    """

    name: str
    born: int
    danceability: float
    energy: float
    loudness: float
    speechiness: float
    acousticness: float
    instrumentalness: float
    liveness: float
    valence: float
    tempo: float
    minutes: float
    major: float
    explicit: float
    guests: float
    acts: str
    titles: str
    kin: tuple[str, str, str, str]
    flavours: tuple[str, ...]

    @property
    def source_name(self) -> str:
        """The genre as artists' genre lists write it: "hip hop"."""
        return self.name.lower()

    @property
    def track_genre(self) -> str:
        """The genre as the extended file writes it: "hip-hop", "r-n-b"."""
        return self.source_name.replace("&", "-n-").replace(" ", "-")


def _genre(name: str, numbers: str, acts: str, titles: str, kin: str, flavours: str) -> Genre:
    born, *features = numbers.split()
    first, second, third, fourth = kin.split(", ")
    return Genre(
        name,
        int(born),
        *map(float, features),
        acts=acts,
        titles=titles,
        kin=(first, second, third, fourth),
        flavours=tuple(flavours.split(", ")),
    )


# fmt: off
GENRES = (
    #        born  danc ener  loud spee  acou  inst  live vale temp  min  maj  expl guest
    _genre("Pop",
           "1960   .65  .66  -6.0  .060  .18  .0008  .15  .53  118  3.12 .66  .16  .18",
           "solo", "song", "Dance, R&B, Electronic, Indie", "classic, modern, teen, bright"),
    _genre("Rock",
           "1960   .51  .74  -7.2  .050  .10  .0040  .18  .52  124  3.48 .71  .06  .04",
           "band", "song", "Alternative, Blues, Progressive, Indie",
           "classic, southern, arena, desert"),
    _genre("Hip Hop",
           "1980   .73  .66  -6.9  .220  .13  .0004  .18  .48  112  3.03 .55  .68  .34",
           "rap", "song", "R&B, Soul, Funk, Electronic",
           "underground, southern, conscious, old school"),
    _genre("Electronic",
           "1975   .66  .73  -7.0  .065  .06  .1200  .16  .38  124  3.57 .52  .08  .17",
           "club", "club", "House, Techno, Ambient, Dance", "dark, melodic, vintage, warm"),
    _genre("R&B",
           "1960   .67  .55  -7.4  .085  .24  .0005  .15  .49  108  3.35 .52  .30  .22",
           "solo", "song", "Soul, Hip Hop, Pop, Funk", "contemporary, smooth, classic, slow"),
    _genre("Country",
           "1960   .57  .61  -7.4  .040  .32  .0004  .17  .56  123  3.03 .87  .03  .06",
           "solo", "song", "Folk, Rock, Acoustic, Gospel", "outlaw, modern, classic, red dirt"),
    _genre("Jazz",
           "1960   .52  .37 -12.5  .050  .70  .1500  .16  .47  116  4.16 .57  .01  .06",
           "jazz", "jazz", "Blues, Vocal Jazz, Bossa Nova, Soul", "cool, modal, spiritual, free"),
    _genre("Classical",
           "1960   .30  .17 -20.5  .042  .94  .6500  .13  .19  103  4.43 .62  .00  .02",
           "classical", "opus", "Instrumental, New Age, Ambient, Experimental",
           "early, modern, late romantic, contemporary"),
    _genre("Latin",
           "1960   .69  .70  -6.3  .080  .22  .0006  .17  .67  117  3.26 .55  .14  .28",
           "latin", "spanish", "Pop, Dance, Bossa Nova, World", "tropical, classic, coastal"),
    _genre("Indie",
           "1980   .55  .60  -8.0  .045  .26  .0150  .15  .46  121  3.30 .68  .06  .04",
           "band", "song", "Alternative, Folk, Rock, Pop", "lo-fi, garden, bedroom, small town"),
    _genre("Metal",
           "1970   .41  .90  -5.6  .075  .01  .0700  .20  .31  127  4.07 .55  .14  .02",
           "band", "song", "Rock, Progressive, Punk, Alternative", "doom, thrash, symphonic"),
    _genre("Folk",
           "1960   .50  .38 -11.3  .040  .66  .0060  .15  .43  117  3.26 .79  .01  .05",
           "folk", "song", "Acoustic, Country, Indie, World", "coastal, mountain, winter"),
    _genre("Reggae",
           "1966   .75  .58  -7.6  .100  .20  .0008  .15  .72  119  3.48 .60  .05  .14",
           "solo", "song", "Ska, World, Soul, Hip Hop", "roots, lovers, classic, modern"),
    _genre("Blues",
           "1960   .53  .53  -9.8  .048  .43  .0080  .20  .58  118  3.62 .73  .01  .05",
           "solo", "blues", "Jazz, Rock, Soul, Country", "electric, delta, modern, slow"),
    _genre("Soul",
           "1960   .61  .50  -9.4  .050  .42  .0015  .16  .60  112  3.21 .60  .04  .09",
           "solo", "song", "R&B, Funk, Gospel, Jazz", "northern, southern, classic, sweet"),
    _genre("Alternative",
           "1982   .53  .74  -6.7  .052  .09  .0040  .18  .45  124  3.44 .66  .11  .05",
           "band", "song", "Indie, Rock, Grunge, Punk", "modern, dark, melodic, suburban"),
    _genre("Dance",
           "1976   .70  .77  -5.8  .062  .08  .0080  .18  .52  123  2.99 .53  .09  .30",
           "club", "club", "Pop, House, Electronic, Latin", "classic, uplifting, sunset, club"),
    _genre("Punk",
           "1975   .47  .90  -5.8  .070  .02  .0015  .22  .56  142  2.13 .70  .20  .02",
           "band", "song", "Alternative, Ska, Rock, Grunge", "classic, street, melodic, skate"),
    _genre("Funk",
           "1966   .72  .68  -8.6  .070  .18  .0080  .15  .75  111  3.71 .56  .06  .11",
           "band", "song", "Soul, R&B, Jazz, Dance", "deep, cosmic, classic, heavy"),
    _genre("World",
           "1960   .57  .52 -10.2  .055  .48  .0250  .18  .55  117  3.89 .62  .01  .12",
           "solo", "scape", "Folk, Latin, Reggae, New Age", "coastal, desert, island, mountain"),
    _genre("Ambient",
           "1976   .33  .22 -19.2  .043  .80  .8400  .11  .14  103  4.16 .57  .00  .04",
           "studio", "scape", "New Age, Electronic, Experimental, Instrumental",
           "dark, warm, space, winter"),
    _genre("Techno",
           "1988   .72  .77  -9.0  .060  .03  .7800  .12  .27  128  5.34 .50  .01  .07",
           "club", "club", "House, Electronic, Ambient, Dance", "minimal, warehouse, dub, acid"),
    _genre("House",
           "1984   .76  .76  -7.4  .064  .05  .2800  .14  .49  124  4.62 .50  .04  .22",
           "club", "club", "Techno, Dance, Electronic, Soul", "deep, classic, soulful, jackin"),
    _genre("Dubstep",
           "2003   .58  .82  -5.4  .095  .04  .1800  .20  .32  139  3.71 .52  .12  .18",
           "club", "club", "Electronic, Dance, Hip Hop, Techno", "melodic, deep, heavy, riddim"),
    _genre("Acoustic",
           "1960   .54  .36 -10.4  .040  .76  .0030  .14  .44  116  3.12 .80  .01  .07",
           "folk", "song", "Folk, Indie, Country, Pop", "warm, bedroom, quiet, live"),
    _genre("Gospel",
           "1960   .47  .58  -7.9  .055  .35  .0002  .26  .44  117  4.07 .76  .00  .17",
           "choir", "song", "Soul, R&B, Country, Blues", "contemporary, southern, choir"),
    _genre("New Age",
           "1972   .36  .20 -18.3  .040  .88  .7600  .12  .20  101  3.89 .62  .00  .04",
           "studio", "scape", "Ambient, Classical, World, Instrumental",
           "healing, meditative, morning, river"),
    _genre("Experimental",
           "1965   .42  .50 -13.4  .075  .43  .5500  .19  .26  114  4.25 .54  .04  .05",
           "studio", "scape", "Ambient, Electronic, Post-Rock, Jazz", "tape, modular, noise"),
    _genre("Progressive",
           "1967   .44  .68  -9.0  .048  .15  .0800  .19  .38  124  5.61 .62  .02  .02",
           "band", "song", "Rock, Metal, Post-Rock, Experimental", "symphonic, modern, space"),
    _genre("Grunge",
           "1986   .45  .80  -6.4  .055  .03  .0060  .19  .41  124  3.53 .61  .12  .01",
           "band", "song", "Alternative, Rock, Punk, Metal", "early, heavy, basement, modern"),
    _genre("Ska",
           "1962   .64  .82  -6.4  .070  .06  .0020  .20  .77  137  2.81 .67  .07  .04",
           "band", "song", "Punk, Reggae, Soul, Latin", "classic, third wave, traditional, street"),
    _genre("Instrumental",
           "1960   .45  .40 -13.2  .042  .62  .8600  .13  .32  113  3.17 .61  .00  .03",
           "studio", "scape", "Classical, Ambient, Post-Rock, Jazz", "piano, guitar, cinematic"),
    _genre("Vocal Jazz",
           "1960   .50  .28 -12.9  .045  .84  .0020  .17  .43  111  3.08 .54  .00  .06",
           "crooner", "jazz", "Jazz, Bossa Nova, Soul, Blues", "classic, swing, cool"),
    _genre("Bossa Nova",
           "1960   .63  .33 -13.0  .045  .80  .0120  .13  .60  120  2.71 .57  .00  .10",
           "brazilian", "portuguese", "Jazz, Vocal Jazz, Latin, World",
           "classic, modern, sunset, quiet"),
    _genre("Post-Rock",
           "1991   .32  .58 -10.3  .045  .12  .7800  .14  .20  121  5.61 .64  .00  .02",
           "band", "scape", "Experimental, Instrumental, Progressive, Indie",
           "cinematic, winter, crescendo, quiet"),
)
# fmt: on
"""In order of popularity, the most popular first."""

_POSITIONS = {genre.name: position for position, genre in enumerate(GENRES)}

KIN_OF = np.array([[_POSITIONS[kin] for kin in genre.kin] for genre in GENRES])
"""(genres, 4) positions in `GENRES` of each genre's kin."""
