"""A consumer as most people would write it: batches from confluent-kafka, each stored by one executemany of PyMySQL.

Reads its settings as JSON from the file that its argument names, and runs until it is terminated. It validates nothing, keeps no dead
letters, counts nothing, and leaves the order of ids to chance.
"""

import json
import sys

import pymysql
from confluent_kafka import Consumer

BATCH = 1_000
COLUMNS = (
    "event_id", "run_id", "day_index", "store_id", "product_id", "date", "units_sold", "price", "discount",
    "is_holiday_promo", "weather", "category", "region", "day_total",
)

with open(sys.argv[1], encoding="utf-8") as file:
    settings = json.load(file)
insert = f"INSERT IGNORE INTO {settings['table']} ({', '.join(COLUMNS)}) VALUES ({', '.join(['%s'] * len(COLUMNS))})"
database = pymysql.connect(**settings["mysql"])
consumer = Consumer(
    {
        "bootstrap.servers": settings["brokers"],
        "group.id": settings["group"],
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    }
)
consumer.subscribe([settings["topic"]])
while True:
    messages = [message for message in consumer.consume(BATCH, timeout=0.5) if message.error() is None]
    if not messages:
        continue
    events = [json.loads(message.value()) for message in messages]
    with database.cursor() as cursor:
        cursor.executemany(insert, [tuple(event[column] for column in COLUMNS) for event in events])
    database.commit()
    consumer.commit(asynchronous=False)
