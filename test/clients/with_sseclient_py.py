"""Receives the stream with sseclient-py, reconnecting after the last id, and prints the messages as JSON."""

import json
import sys

import requests
from sseclient import SSEClient

received = []
headers = {"Accept": "text/event-stream"}
for _ in range(3):
    response = requests.get(sys.argv[1], headers=headers, stream=True, timeout=10)
    for message in SSEClient(response).events():
        received.append({"event": message.event, "id": message.id or "", "data": message.data})
        if message.id:
            headers["Last-Event-ID"] = message.id
print(json.dumps(received))
