"""Client of Demarche, a registry of international actors, sanctions and diplomatic actions."""

from . import models
from .errors import (
    Busy,
    Conflict,
    ConnectionFailed,
    DemarcheError,
    Forbidden,
    InvalidRecord,
    MalformedRequest,
    NotFound,
    PreconditionFailed,
    Problem,
    TooSlow,
    Unauthorized,
)
from .lists import Listing, Page, Search
from .parameters import Ref, Value
from .partial_dates import earliest, latest
from .records import Actors, Claims, DiplomaticActions, Records
from .registry import Registry, warnings

__all__ = [
    "Actors",
    "Busy",
    "Claims",
    "Conflict",
    "ConnectionFailed",
    "DemarcheError",
    "DiplomaticActions",
    "Forbidden",
    "InvalidRecord",
    "Listing",
    "MalformedRequest",
    "NotFound",
    "Page",
    "PreconditionFailed",
    "Problem",
    "Records",
    "Ref",
    "Registry",
    "Search",
    "TooSlow",
    "Unauthorized",
    "Value",
    "earliest",
    "latest",
    "models",
    "warnings",
]
