"""Who a listener is: name, city, age. The names and the cities are Faker's."""

import unicodedata
from datetime import date
from functools import cache
from importlib import import_module
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from playback.presets import ListenerKnobs
from playback.randomness import uniforms, world_key
from playback.timezones import names as timezone_names

DAYS_A_YEAR = 365.25

NAME_LOCALES = {
    "cs_CZ": ("CZ", "SK"),
    "de_DE": ("DE", "AT", "CH"),
    "es_ES": ("ES", "AR", "CL", "CO", "CU", "EC", "MX", "PE", "UY", "VE"),
    "fr_FR": ("FR", "BE", "CI", "SN"),
    "id_ID": ("ID",),
    "it_IT": ("IT",),
    "nl_NL": ("NL",),
    "pl_PL": ("PL",),
    "pt_BR": ("BR", "PT", "AO", "MZ"),
    "sv_SE": ("SE",),
    "tr_TR": ("TR",),
}
"""Countries whose listeners bear names of a locale other than the default one."""

DEFAULT_LOCALE = "en_US"


UNDECOMPOSED = str.maketrans({0x131: "i", 0x142: "l", 0xDF: "ss", 0xF8: "o"})
"""Letters that Unicode does not take apart into a Latin letter and an accent."""


class City(NamedTuple):
    """A city that exists, with the country and the time zone it lies in."""

    city: str
    country: str
    country_code: str
    timezone: str


class Names(NamedTuple):
    """Parts of usernames: lower-case letters only."""

    female: tuple[str, ...]
    male: tuple[str, ...]
    last: tuple[str, ...]


def draw_profiles(
    knobs: ListenerKnobs, seed: int, start: date, user_keys: NDArray[np.integer]
) -> dict[str, np.ndarray]:
    """Draw the columns of raw.users that say who the listeners are.

    Usernames end in the listener's number, and so are unique without knowledge of the others.
    """
    place, gender, first, last, style, age, tenure = uniforms(
        world_key(seed, "profile"), user_keys, 7
    ).T
    all_cities = cities()
    homes = [all_cities[index] for index in _indices(place, len(all_cities))]
    is_female = gender < 0.5
    usernames = [
        _username(_names_in(home.country_code), bool(female), *draws, int(user_key) + 1)
        for home, female, *draws, user_key in zip(
            homes, is_female, first, last, style, user_keys, strict=True
        )
    ]
    youngest, oldest = knobs.age_years
    years = youngest + (oldest - youngest) * betaincinv(*knobs.age_shape, age)
    days_old = np.ceil(years * DAYS_A_YEAR).astype("timedelta64[D]")
    tenure_days = np.floor(tenure * knobs.registered_within_years * DAYS_A_YEAR)
    first_day = np.datetime64(start, "D")
    return {
        "user_key": user_keys,
        "user_id": np.array([f"U{user_key + 1:04d}" for user_key in user_keys.tolist()]),
        "username": np.array(usernames),
        "location": np.array([f"{home.city}, {home.country}" for home in homes]),
        "country_code": np.array([home.country_code for home in homes]),
        "timezone": np.array([home.timezone for home in homes]),
        "birthdate": first_day - days_old,
        "gender": np.where(is_female, "F", "M"),
        "registered_on": first_day - tenure_days.astype("timedelta64[D]"),
    }


@cache
def cities() -> tuple[City, ...]:
    """Faker's cities on land whose country it can name and whose time zone has a known clock."""
    from faker.providers.date_time import Provider as Countries
    from faker.providers.geo import Provider as Cities

    countries = {country.alpha_2_code: country.name for country in Countries.countries}
    timezones = timezone_names()
    return tuple(
        City(city, countries[country_code], country_code, timezone)
        for _, _, city, country_code, timezone in Cities.land_coords
        if country_code in countries and timezone in timezones
    )


def _indices(draws: NDArray[np.float64], length: int) -> list[int]:
    return (draws * length).astype(int).tolist()


@cache
def _names_in(country_code: str) -> Names:
    for locale, country_codes in NAME_LOCALES.items():
        if country_code in country_codes:
            return _names_of(locale)
    return _names_of(DEFAULT_LOCALE)


@cache
def _names_of(locale: str) -> Names:
    people = import_module(f"faker.providers.person.{locale}").Provider
    return Names(
        *(
            tuple(sorted({_folded(name) for name in names} - {""}))
            for names in (people.first_names_female, people.first_names_male, people.last_names)
        )
    )


def _folded(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower().translate(UNDECOMPOSED))
    return "".join(letter for letter in letters if "a" <= letter <= "z")


def _username(
    names: Names, is_female: bool, first: float, last: float, style: float, number: int
) -> str:
    given = names.female if is_female else names.male
    given_name = given[int(first * len(given))]
    family_name = names.last[int(last * len(names.last))]
    styles = (
        f"{given_name}.{family_name}",
        f"{given_name}_{family_name}",
        f"{given_name[0]}{family_name}",
        f"{given_name}{family_name[0]}",
    )
    return f"{styles[int(style * len(styles))]}{number}"
