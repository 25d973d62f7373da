"""The knobs of a preset file, typed and bounded."""

from itertools import pairwise
from typing import Annotated, Generic, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class Knobs(BaseModel):
    """A group of knobs: unknown ones are refused, and so are NaN and infinity."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _has_weight(weights: tuple[float, ...]) -> tuple[float, ...]:
    if sum(weights) <= 0:
        raise ValueError("the weights sum to zero: give at least one of them a weight")
    return weights


def _is_rising_range(bounds: tuple[float, float]) -> tuple[float, float]:
    if bounds[0] > bounds[1]:
        raise ValueError("the range is upside down: give the lower bound first")
    return bounds


Share = Annotated[float, Field(ge=0, le=1)]
"""A probability or a share of a whole."""

OpenShare = Annotated[float, Field(gt=0, lt=1)]
"""A share that has odds: neither never nor always."""

Weight = Annotated[float, Field(ge=0, le=1e9)]
Positive = Annotated[float, Field(gt=0, le=1e9)]
Sigma = Annotated[float, Field(ge=0, le=10)]
Exponent = Annotated[float, Field(ge=0, le=10)]

HourWeights = Annotated[
    tuple[Weight, ...], Field(min_length=24, max_length=24), AfterValidator(_has_weight)
]
DayWeights = Annotated[
    tuple[Weight, ...], Field(min_length=7, max_length=7), AfterValidator(_has_weight)
]
CountWeights = Annotated[
    tuple[Weight, ...], Field(min_length=1, max_length=24), AfterValidator(_has_weight)
]
ShareRange = Annotated[tuple[Share, Share], AfterValidator(_is_rising_range)]
CountRange = Annotated[
    tuple[Annotated[int, Field(ge=1, le=1000)], Annotated[int, Field(ge=1, le=1000)]],
    AfterValidator(_is_rising_range),
]
AgeRange = Annotated[
    tuple[Annotated[int, Field(ge=0, le=120)], Annotated[int, Field(ge=0, le=120)]],
    AfterValidator(_is_rising_range),
]


Knob = TypeVar("Knob")


class ByType(Knobs, Generic[Knob]):
    """A knob that each type of listener has its own value of."""

    casual: Knob
    regular: Knob
    power: Knob


class TypeShares(ByType[Share]):
    """The share of each type among listeners."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if abs(self.casual + self.regular + self.power - 1) > 1e-9:
            raise ValueError("the shares of casual, regular and power must sum to 1")
        return self


class AffinityRanges(Knobs):
    """The range an affinity is drawn from, by its place among a listener's genres."""

    first: ShareRange
    second_and_third: ShareRange
    rest: ShareRange


class PersonalityShares(Knobs):
    """The share of listeners with each side of the four dimensions."""

    familiar: Share
    new: Share
    loyal: Share
    common: Share


class LogNormal(Knobs):
    """A positive trait: median and standard deviation of its natural logarithm."""

    median: Positive
    sigma: Sigma


class LogitNormal(Knobs):
    """A share as a trait: median and standard deviation of its log-odds."""

    median: OpenShare
    sigma: Sigma


class FamiliarityOdds(Knobs):
    """A share whose median at 10 plays a day depends on familiar (F) against exploring (E).

    Its odds fall with activity, by an exponent. Common listeners (C) meet the same hits more often:
    theirs are lower, by a ratio.
    """

    familiar: OpenShare
    exploring: OpenShare
    exponent: Exponent
    common_ratio: Positive
    sigma: Sigma


class LoyaltyOdds(Knobs):
    """A share whose median depends on loyal (L) against varied (V)."""

    loyal: OpenShare
    varied: OpenShare
    sigma: Sigma


class LibraryBreadth(Knobs):
    """A positive trait that grows with activity: median of F and E at 10 plays a day, exponent.

    Places of common listeners (C) hold the same hits more often: they have more places, by a ratio.
    """

    familiar: Positive
    exploring: Positive
    exponent: Exponent
    common_ratio: Positive
    sigma: Sigma


class ActivityPower(Knobs):
    """A positive trait that grows with activity: median at 10 plays a day, and the exponent."""

    at_ten_plays_a_day: Positive
    exponent: Exponent
    sigma: Sigma


class ActivityOdds(Knobs):
    """A share whose odds grow with activity: share at 10 plays a day, and the odds' exponent."""

    at_ten_plays_a_day: OpenShare
    exponent: Exponent
    sigma: Sigma


class Habits(Knobs):
    """How listeners differ in behaviour; one column of raw.user_traits each."""

    active_day_share: ActivityOdds
    tracks_per_session: ActivityPower
    weekend_ratio: LogNormal
    chronotype_sigma_hours: Annotated[float, Field(ge=0, le=12)]
    skip_propensity: LogitNormal
    skip_persistence: LogNormal
    skip_haste: LogNormal
    partial_share: LogitNormal
    repeat_share: FamiliarityOdds
    recency_share: LogitNormal
    library_breadth: LibraryBreadth
    same_artist_share: LoyaltyOdds
    same_track_share: LoyaltyOdds
    shuffle_share: LogitNormal
    pause_share: LogitNormal
    obsession_share: LogitNormal
    like_share: LogitNormal


class ListenerKnobs(Knobs):
    """How listeners are drawn."""

    age_years: AgeRange
    age_shape: tuple[Positive, Positive]
    registered_within_years: Annotated[float, Field(gt=0, le=50)]
    type_share: TypeShares
    activity_level: ByType[ShareRange]
    genres: ByType[CountRange]
    affinity: AffinityRanges
    personality_share: PersonalityShares
    plays_per_day: LogNormal
    habits: Habits | None = None


class CommonalityExponent(Knobs):
    """Zipf exponent of a track's weight over its rank by popularity."""

    common: Exponent
    unique: Exponent


class CommonalityShares(Knobs):
    """A share that depends on commonality (C) against uniqueness (U)."""

    common: Share
    unique: Share


class NewnessDecay(Knobs):
    """How fast the weight of a track falls with its rank, from the newest or from the oldest."""

    new: Annotated[float, Field(gt=0, le=50)]
    timeless: Annotated[float, Field(gt=0, le=50)]


class TasteShares(Knobs):
    """The share of discoveries drawn from the listener's own genres."""

    weekday: Share
    weekend: Share


class Player(Knobs):
    """What both mechanisms have: memory, pools and the shape of the day."""

    history_plays: Annotated[int, Field(ge=1, le=1 << 20)]
    taste_share: TasteShares
    curiosity_share: Share
    hour_weight: HourWeights


class Normal(Knobs):
    """A normal distribution, cut to a whole number below."""

    mean: Annotated[float, Field(ge=0, le=1000)]
    sigma: Sigma


class ClassicOdds(Knobs):
    """Odds with and without the trait."""

    with_trait: Share
    without: Share


class ClassicPlayer(Player):
    """The documented feed, to the letter."""

    mechanism: Literal["classic"]
    newness_decay: NewnessDecay
    long_sessions_weight: CountWeights
    short_sessions: Normal
    long_session_tracks: Normal
    short_session_tracks: Normal
    very_loyal: ClassicOdds
    loyal: ClassicOdds
    familiar: ClassicOdds
    skip_share: Share
    gap_ms: Annotated[int, Field(ge=1, le=3_600_000)]


class Curve(Knobs):
    """A distribution as points of its cumulative curve, straight between them."""

    share: Annotated[tuple[Share, ...], Field(min_length=2, max_length=64)]
    value: Annotated[tuple[Weight, ...], Field(min_length=2, max_length=64)]

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if len(self.share) != len(self.value):
            raise ValueError("share and value must have the same number of points")
        if self.share[0] != 0 or self.share[-1] != 1:
            raise ValueError("share must run from 0 to 1")
        for points in (self.share, self.value):
            if any(right < left for left, right in pairwise(points)):
                raise ValueError("the points of a cumulative curve must not fall")
        return self


class ShareCurve(Curve):
    """A distribution of shares."""

    value: Annotated[tuple[Share, ...], Field(min_length=2, max_length=64)]


class WaveKnobs(Knobs):
    """Slow waves of activity: how many days each lasts, and its size in log activity.

    Some listeners have higher waves than others: `spread` is that of the logarithm.
    """

    days: tuple[Annotated[float, Field(ge=1, le=1000)], Annotated[float, Field(ge=1, le=1000)]]
    sigma: tuple[Sigma, Sigma]
    spread: Annotated[float, Field(ge=0, le=1)]


class AbsenceKnobs(Knobs):
    """Stretches of days without a play: one begins in every season of so many days."""

    season_days: Annotated[float, Field(ge=1, le=10_000)]
    mean_days: Annotated[float, Field(ge=0, le=10_000)]

    @model_validator(mode="after")
    def _leaves_days(self) -> Self:
        if self.mean_days > self.season_days / 2:
            raise ValueError("mean_days must be at most half of season_days")
        return self


class SessionKnobs(Knobs):
    """When sessions open and how they go on."""

    absence: AbsenceKnobs
    waves: WaveKnobs
    offline_share: Share
    pause_seconds: tuple[
        Annotated[float, Field(gt=0, le=1800)], Annotated[float, Field(gt=0, le=1800)]
    ]
    day_weight: DayWeights
    habitual_start_share: Share
    habitual_starts: Annotated[int, Field(ge=1, le=24)]
    habitual_start_sigma_hours: Annotated[float, Field(ge=0, le=12)]
    return_share: Share
    return_mean_hours: Annotated[float, Field(ge=0, le=24)]
    return_sigma: Annotated[float, Field(ge=0, le=3)]
    break_minutes: Annotated[float, Field(ge=30, le=720)]
    break_mean_extra_minutes: Annotated[float, Field(ge=0, le=720)]
    first_stop_ratio: Positive
    stop_decay_tracks: Positive
    stop_decay_exponent: Exponent
    stop_after_skip_ratio: Share
    gap_seconds: Curve
    midnight_minutes: Annotated[float, Field(ge=0, le=30)]


LONGEST_LAG = 4096
"""Plays that a listener can go back to."""


class ReplayKnobs(Knobs):
    """The law of going back to the last plays: lag to the power of minus the exponent."""

    lag_exponent: Exponent
    skipped_logit: Annotated[float, Field(ge=0, le=10)]
    longest_lag: Annotated[int, Field(ge=1, le=LONGEST_LAG)]


Lifetime = Annotated[float, Field(ge=1, le=1e6)]


class PlaceKnobs(Knobs):
    """Places in a listener's favour, weighted by (rank + breadth) to the minus exponent."""

    exponent: Annotated[float, Field(gt=1, le=10)]
    places: Annotated[int, Field(ge=1, le=1 << 30)]


class NewnessLifetimes(Knobs):
    """Days that depend on newness (N) against timelessness (T)."""

    new: Lifetime
    timeless: Lifetime


class TrackPlaceKnobs(PlaceKnobs):
    """Places of tracks; how many there are to be played alike is a trait of the listener."""

    lifetime_days: NewnessLifetimes


class ArtistPlaceKnobs(PlaceKnobs):
    """Places of artists, whose breadth is the same for all listeners."""

    breadth: Positive
    lifetime_days: Lifetime
    new_release_share: Share


class NewnessShares(Knobs):
    """A share that depends on newness (N) against timelessness (T)."""

    new: Share
    timeless: Share


class DiscoveryKnobs(Knobs):
    """What a listener who explores looks for: not a track that they know."""

    favourite_artist_share: Share
    tries: Annotated[int, Field(ge=1, le=1000)]


class NewReleaseKnobs(Knobs):
    """How much of what is not by an own artist is a release of the last days."""

    discovery_share: NewnessShares
    library_share: NewnessShares
    newest_days: Annotated[int, Field(ge=1, le=10_000)]
    age_exponent: Annotated[float, Field(ge=0, le=10)]


class ByContext(Knobs):
    """A number for each context that is played from."""

    album: float
    playlist: float
    library: float
    artist: float
    radio: float
    chart: float
    search: float


class SwitchShares(ByContext):
    """The share of plays after which something else is picked, by context."""

    album: Share
    playlist: Share
    library: Share
    artist: Share
    radio: Share
    chart: Share
    search: Share


class OwnContexts(Knobs):
    """Weights of what a listener picks of the own past."""

    playlist: Positive
    library: Positive
    search: Positive


class ContextKnobs(Knobs):
    """What a listener plays from."""

    switch_share: SwitchShares
    appload_share: Share
    album_share: Share
    album_taken_up_share: Share
    own: OwnContexts
    chart_share: CommonalityShares
    new_search_share: Share
    radio_known_share: Share
    chart_tracks: Annotated[int, Field(ge=1, le=10_000)]


class ObsessionKnobs(Knobs):
    """Tracks that a listener cannot leave alone: for how long, and how rare the strong ones are."""

    days: Annotated[float, Field(ge=1, le=10_000)]
    tail: Exponent


Candidates = Annotated[int, Field(ge=1, le=16)]


class CandidateKnobs(Knobs):
    """Of how many tracks, or artists, the best liked one gets a place."""

    obsession: Candidates
    library: Candidates
    playlist: Candidates
    artist: Candidates


class LikingKnobs(Knobs):
    """How much the liking of tracks, artists and sounds differs, in log-odds of not skipping."""

    track_sigma: Sigma
    artist_sigma: Sigma
    sound_sigma: Sigma
    choosiness_sigma: Sigma
    candidates: CandidateKnobs
    opinion_slope: Annotated[float, Field(ge=0, le=10)]
    earlier_opinion_share: Share
    dislike_ratio: Share


class MoodKnobs(Knobs):
    """What makes a listener skip apart from the track, in log-odds."""

    sigma: tuple[Sigma, Sigma]
    restless_logit: tuple[Sigma, Sigma]
    restless_pace: tuple[Share, Share]
    restless_after_break: tuple[Share, Share]
    picked_logit: Annotated[float, Field(ge=-10, le=10)]
    context_logit: ByContext
    tired_plays: Annotated[int, Field(ge=0, le=4096)]
    tired_logit: Annotated[float, Field(ge=-10, le=10)]


class WearKnobs(Knobs):
    """Favourites last by plays rather than days: lifetimes hold for so many plays a day.

    They are so many times as long for familiar listeners.
    """

    at_plays_a_day: Positive
    exponent: Annotated[float, Field(ge=0, le=2)]
    familiar_ratio: Positive


class PhaseKnobs(Knobs):
    """Stretches from playlists that keep to the one of the phase, and plays that a phase lasts."""

    share: Share
    plays: Annotated[int, Field(ge=1, le=1_000_000)]


class PlaylistKnobs(Knobs):
    """A listener's playlists: how long they are, how they are walked, and until when they stand."""

    fewest_tracks: Annotated[int, Field(ge=1, le=1000)]
    more_tracks: Annotated[float, Field(ge=0, le=10_000)]
    exponent: Share
    taken_up_share: Share
    repeated_share: Share
    phase: PhaseKnobs
    lifetime_days: NewnessLifetimes


class ChoiceKnobs(Knobs):
    """What a listener plays next when it is not the same track again."""

    contexts: ContextKnobs
    obsession: ObsessionKnobs
    wear: WearKnobs
    lifetime_sigma: Annotated[float, Field(ge=0, le=3)]
    playlists: PlaylistKnobs
    affinity_exponent: Exponent
    own_taste_share: CommonalityShares
    replay: ReplayKnobs
    library: TrackPlaceKnobs
    favourite_artists: ArtistPlaceKnobs
    library_favourite_artist_share: Share
    discovery: DiscoveryKnobs
    new_releases: NewReleaseKnobs


class EndplayShares(Knobs):
    """The share of plays after which something else is picked: of those stopped, and skipped."""

    stopped: Share
    skipped: Share


class StopKnobs(Knobs):
    """Where inside a track a play stops."""

    endplay_share: EndplayShares
    skip_seconds: Curve
    partial_ratio: ShareCurve


class LifelikePlayer(Player):
    """Real listening."""

    mechanism: Literal["lifelike"]
    popularity_exponent: CommonalityExponent
    popularity_head: CommonalityShares
    secondary_genre_weight: OpenShare
    sessions: SessionKnobs
    choice: ChoiceKnobs
    liking: LikingKnobs
    mood: MoodKnobs
    stops: StopKnobs
