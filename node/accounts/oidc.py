"""Signing in at an identity provider: OpenID Connect Core 1.0, the authorization code flow with PKCE."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from manifests.annotations import is_agent
from node.accounts.errors import AccountRefused
from node.accounts.names import read_shown
from node.accounts.people import NewAccount
from node.accounts.roles import Role
from node.accounts.secret import new_secret
from node.config.accounts import OidcConfig

_ORCID: Final = "https://orcid.org"
_SECONDS: Final = 15.0
_ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")
_LEEWAY: Final = 60  # seconds by which clocks may differ
_NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Provider:
    """What a provider says of itself (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


@dataclass(frozen=True, slots=True)
class Flow:
    """One sign-in that is under way.

    Attributes:
        state: Comes back with the browser, so that nobody brings another's answer.
        nonce: Comes back in the ID token, so that no other token is taken.
        verifier: Is shown with the code, so that a stolen code is worth nothing (RFC 7636).
    """

    state: str
    nonce: str
    verifier: str


def new_flow() -> Flow:
    """Begin a sign-in."""
    return Flow(new_secret(), new_secret(), new_secret())


def read_provider(document: Mapping[str, Any], issuer: str) -> Provider:
    """A provider out of its document. Pure.

    Raises:
        AccountRefused: it is another's, or leads to where others can read along.
    """
    if document.get("issuer") != issuer:
        raise AccountRefused(f"The identity provider says that it is not {issuer}. Look at [accounts.oidc].")
    places = [document.get(name) for name in _NEEDED]
    if not all(isinstance(place, str) and is_safe(place) for place in places):
        raise AccountRefused(f"The identity provider {issuer} has no endpoints behind https.")
    return Provider(issuer, *(str(place) for place in places))


def is_safe(address: str) -> bool:
    """Whether secrets may be sent to an address: https, or this machine itself."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    )


def discover(settings: OidcConfig) -> Provider:
    """Ask a provider what it is.

    Raises:
        AccountRefused: it does not answer, or not as it should.
    """
    place = f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration"
    return read_provider(_json(place), settings.issuer)


def address(provider: Provider, settings: OidcConfig, flow: Flow, back: str) -> str:
    """Where the browser goes to sign in.

    Args:
        provider: Whom to.
        settings: Of this node.
        flow: The sign-in.
        back: Where the provider sends the browser then.
    """
    with _client(settings, back) as client:
        made: tuple[str, str] = client.create_authorization_url(
            provider.authorization_endpoint, state=flow.state, nonce=flow.nonce, code_verifier=flow.verifier
        )
    return made[0]


def claims(provider: Provider, settings: OidcConfig, flow: Flow, back: str, code: str) -> Mapping[str, Any]:
    """Who has signed in there, by an ID token that is checked (OpenID Connect Core 1.0, section 3.1.3.7).

    Args:
        provider: Where.
        settings: Of this node.
        flow: The sign-in.
        back: Where the provider sent the browser.
        code: What it sent along.

    Raises:
        AccountRefused: the provider does not vouch for anybody.
    """
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError

    try:
        with _client(settings, back) as client:
            token = client.fetch_token(provider.token_endpoint, code=code, code_verifier=flow.verifier)
        return _checked(str(token["id_token"]), _json(provider.jwks_uri), provider, settings, flow)
    except (AuthlibBaseError, JoseError, httpx.HTTPError, KeyError, ValueError) as error:
        raise AccountRefused("The identity provider did not vouch for you. Try again.") from error


def newcomer(found: Mapping[str, Any], issuer: str, role: Role) -> NewAccount:
    """The account of somebody who comes for the first time. Pure.

    Args:
        found: What the provider vouches for.
        issuer: The provider.
        role: What newcomers may do.
    """
    subject = str(found["sub"])
    orcid = f"{_ORCID}/{subject}" if issuer == _ORCID else str(found.get("orcid", ""))
    known = f"{sha256(f'{issuer} {subject}'.encode()).hexdigest()[:16]}"
    try:
        # ORCID gives the parts of a name alone.
        parts = (str(found.get("given_name", "")), str(found.get("family_name", "")))
        shown = read_shown(str(found.get("name") or " ".join(parts)))
    except AccountRefused:
        shown = subject if issuer == _ORCID else f"Somebody of {urlsplit(issuer).hostname}"
    vouched = orcid if orcid.startswith(f"{_ORCID}/") and is_agent(orcid) else None
    return NewAccount(f"oidc-{known}", shown, role, None, vouched, issuer, subject)


def _checked(
    token: str, keys: Mapping[str, Any], provider: Provider, settings: OidcConfig, flow: Flow
) -> Mapping[str, Any]:
    from joserfc import jwt
    from joserfc.jwk import KeySet

    decoded = jwt.decode(token, KeySet.import_key_set(dict(keys)), algorithms=list(_ALGORITHMS))  # type: ignore[arg-type]
    registry = jwt.JWTClaimsRegistry(
        leeway=_LEEWAY,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": settings.client_id},
        nonce={"essential": True, "value": flow.nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    registry.validate(decoded.claims)
    audience = decoded.claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and decoded.claims.get("azp") != settings.client_id:
        raise ValueError("the token is for somebody else, too")
    return decoded.claims


def _client(settings: OidcConfig, back: str) -> Any:
    with warnings.catch_warnings():  # of a successor of httpx
        warnings.simplefilter("ignore")
        from authlib.integrations.httpx_client import OAuth2Client
    return OAuth2Client(
        settings.client_id, settings.secret,
        scope="openid" if settings.issuer == _ORCID else "openid profile",
        redirect_uri=back, code_challenge_method="S256", timeout=_SECONDS, follow_redirects=False,
        token_endpoint_auth_method="client_secret_basic" if settings.secret else "none",
    )  # fmt: skip


def _json(place: str) -> Mapping[str, Any]:
    try:
        answer = httpx.get(place, timeout=_SECONDS)
        answer.raise_for_status()
        document = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise AccountRefused("The identity provider does not answer. Try again later.") from error
    if not isinstance(document, dict):
        raise AccountRefused("The identity provider does not answer as one.")
    return document
