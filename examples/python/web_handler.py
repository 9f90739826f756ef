"""Pins the body of a POST while it arrives, and answers GET /CID[/PATH] with proved content.

An ASGI application; run it by ``uvicorn web_handler:app``.
"""

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import StreamingResponse

import w3pin

client = w3pin.AsyncClient()
retriever = client.retriever()
app = FastAPI()


@app.post("/", status_code=201)
async def upload(request: Request) -> str:
    pin = await client.pin_stream(request.stream(), name="upload", verify="require")
    return pin.cid


@app.get("/{path:path}")
async def content(path: str) -> StreamingResponse:
    try:
        node = await retriever.resolve(path)
    except (w3pin.InvalidInputError, w3pin.NotFoundError) as error:
        raise HTTPException(404, error.reason) from error
    headers = {"content-length": str(node.size)}
    return StreamingResponse(retriever.stream(path), headers=headers)
