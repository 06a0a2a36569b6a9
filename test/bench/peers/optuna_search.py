"""Searches the parameters of a moving average with Optuna's TPE, by ask and tell, in memory.

Reads {"trials", "series": [[units of a day, ...], ...]} from standard input and writes {"milliseconds": [processor time of each search]}.
"""

import json
import sys
import time

import numpy as np
import optuna

SEED = 42
TRAINING_SHARE = 0.8


def error(units, sums, window, min_periods):
    days = np.arange(int(TRAINING_SHARE * len(units)), len(units))
    first = np.where(np.minimum(window, days) < min_periods, 0, np.maximum(days - window, 0))
    means = (sums[days] - sums[first]) / (days - first)
    return float(np.sqrt(np.mean((units[days] - means) ** 2)))


def search(history, trials):
    units = np.asarray(history, dtype=float)
    sums = np.concatenate([[0.0], np.cumsum(units)])
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=SEED))
    for _ in range(trials):
        trial = study.ask()
        window = trial.suggest_int("window", 3, 30)
        min_periods = trial.suggest_int("min_periods", 1, 7)
        trial.suggest_int("trend_window", 5, 21)
        study.tell(trial, error(units, sums, window, min_periods))


optuna.logging.set_verbosity(optuna.logging.WARNING)
asked = json.load(sys.stdin)
# The first search of a process also imports what is loaded late.
search(asked["series"][0], asked["trials"])
milliseconds = []
for series in asked["series"]:
    started = time.process_time()
    search(series, asked["trials"])
    milliseconds.append((time.process_time() - started) * 1000)
json.dump({"milliseconds": milliseconds}, sys.stdout)
