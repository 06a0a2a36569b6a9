"""Receives the stream with httpx-sse, reconnecting as its documentation shows, and prints the messages as JSON."""

import json
import sys

import httpx
from httpx_sse import connect_sse

received = []
headers = {}
with httpx.Client(timeout=10) as client:
    for _ in range(3):
        with connect_sse(client, "GET", sys.argv[1], headers=headers) as source:
            for message in source.iter_sse():
                received.append({"event": message.event, "id": message.id, "data": message.data})
                if message.id:
                    headers = {"Last-Event-ID": message.id}
print(json.dumps(received))
