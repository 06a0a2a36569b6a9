"""Streams a day of sales to every viewer with sse-starlette: `POST /simulation/next-day` sends it.

Arguments: a JSON file with the sales, and a port of the loopback interface.
"""

import asyncio
import json
import sys

import uvicorn
from sse_starlette.sse import EventSourceResponse
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

with open(sys.argv[1], encoding="utf-8") as file:
    sales = json.load(file)
viewers = set()


async def events(_request):
    queue = asyncio.Queue()
    viewers.add(queue)

    async def stream():
        yield {"event": "status", "data": "{}"}
        try:
            while True:
                yield await queue.get()
        finally:
            viewers.discard(queue)

    return EventSourceResponse(stream())


async def next_day(_request):
    for sale in sales:
        event = {"id": str(sale["id"]), "data": json.dumps(sale)}
        for queue in viewers:
            queue.put_nowait(event)
    return JSONResponse({"status": "ok"})


app = Starlette(
    routes=[Route("/stream/events", events), Route("/simulation/next-day", next_day, methods=["POST"])]
)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)
