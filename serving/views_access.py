"""Contexts of the pages for signing in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignInPage:
    """Context of ``sign_in.html``.

    Parameters
    ----------
    title
        Heading of the page.
    csrf_token
        Goes with the form.
    after
        Page to go to once signed in.
    provider_url
        Where to sign in with the organisation's own account; empty where there is none.
    """

    title: str
    csrf_token: str
    after: str
    provider_url: str


@dataclass(frozen=True, slots=True)
class PasswordPage:
    """Context of ``password.html``.

    Parameters
    ----------
    title
        Heading of the page.
    csrf_token
        Goes with the form.
    username
        Whose password it is, so that a password manager knows.
    needed
        Whether nothing else can be done before.
    """

    title: str
    csrf_token: str
    username: str
    needed: bool
