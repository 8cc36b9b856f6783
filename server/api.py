"""The HTTP API, version 1: entry, hours, who am I. Errors are a code, never what somebody wrote."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from accounts.api import router as accounts
from queueing.api import router as lines
from server.board import router as board
from server.books import router as books
from server.care import router as care
from server.entry import router as entry
from server.exchange import router as exchange
from server.incident_api import router as incidents
from server.kept import router as kept
from server.promises import router as promises
from server.review import router as review
from server.roster_api import router as roster
from server.verify import router as verify
from server.visits import router as visits

api = NinjaAPI(title="Xinqiao", version="1", docs_url=None, description="心桥: hotline and live counselling")
api.add_router("", lines)
api.add_router("", entry)
api.add_router("", exchange)
api.add_router("", accounts)
api.add_router("", care)
api.add_router("", roster)
api.add_router("", incidents)
api.add_router("", kept)
api.add_router("", books)
api.add_router("", verify)
api.add_router("", visits)
api.add_router("", promises)
api.add_router("", review)
api.add_router("", board)


@api.exception_handler(HttpError)
def refused(request: HttpRequest, no: HttpError) -> HttpResponse:
    """Answer with the code."""
    return api.create_response(request, {"code": str(no)}, status=no.status_code)


@api.exception_handler(ValidationError)
def malformed(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    """Answer with places only; pydantic would repeat the input."""
    places = [".".join(str(part) for part in error.get("loc", ())) for error in fault.errors]
    return api.create_response(request, {"code": "malformed", "places": places}, status=422)
