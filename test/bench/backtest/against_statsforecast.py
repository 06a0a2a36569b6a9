"""Forecasts series with AutoETS, AutoTheta and AutoARIMA of statsforecast, with its conformal intervals.

Reads {"horizon", "levels", "histories": [[units of a day, ...], ...]} from standard input, optionally with "models", some of these, and writes
{model: {"seconds": processor time, "paths": [[[mean, lower, upper, lower, upper] of each day] of each history]}}.
"""

import json
import sys
import time

import numpy as np
import pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import AutoARIMA, AutoETS, AutoTheta
from statsforecast.utils import ConformalIntervals

WEEK = 7
# Windows of the cross-validation that the intervals are made from. ARIMA is estimated again in each, which takes seconds.
WINDOWS = {AutoETS: 6, AutoTheta: 6, AutoARIMA: 2}

asked = json.load(sys.stdin)
horizon, levels = asked["horizon"], asked["levels"]


def frame(history):
    return pd.DataFrame({"unique_id": 0, "ds": np.arange(len(history)), "y": np.asarray(history, dtype=float)})


def forecast(model, windows, history):
    conformal = ConformalIntervals(h=horizon, n_windows=windows)
    engine = StatsForecast(models=[model(season_length=WEEK, prediction_intervals=conformal)], freq=1, n_jobs=1)
    answer = engine.forecast(df=frame(history), h=horizon, level=levels)
    name = model.__name__
    columns = [name] + [f"{name}-{end}-{level}" for level in levels for end in ("lo", "hi")]
    return np.maximum(answer[columns].to_numpy(), 0).tolist()


answers = {}
for model, windows in WINDOWS.items():
    if model.__name__ not in asked.get("models", [model.__name__]):
        continue
    # The first forecast of a process also compiles the code.
    forecast(model, 2, asked["histories"][0][-100:])
    started = time.process_time()
    paths = [forecast(model, windows, history) for history in asked["histories"]]
    answers[model.__name__] = {"seconds": time.process_time() - started, "paths": paths}
json.dump(answers, sys.stdout)
