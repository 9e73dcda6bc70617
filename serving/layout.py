"""What surrounds every page: who is signed in, where they can go, and what they must be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

NoticeKind = Literal["information", "success"]


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A link of the service navigation.

    Parameters
    ----------
    text
        Its words.
    url
        Where it leads.
    current
        Whether the page shown is this one or lies below it.
    """

    text: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class AccountView:
    """Who is signed in.

    Parameters
    ----------
    name
        As they are called.
    role
        Title of what they do here.
    csrf_token
        Goes with the sign-out form.
    sign_out_url
        Where that form is sent.
    """

    name: str
    role: str
    csrf_token: str
    sign_out_url: str = "/sign-out"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell above the page's heading.

    Parameters
    ----------
    text
        What happened, in one sentence.
    kind
        ``success`` for something that the reader did, ``information`` otherwise.
    link_text, link_url
        Where to go from there, such as to undo it; empty for nowhere.
    """

    text: str
    kind: NoticeKind = "success"
    link_text: str = ""
    link_url: str = ""


@dataclass(frozen=True, slots=True)
class FieldError:
    """A field whose answer cannot be taken.

    Parameters
    ----------
    field
        Identifier of the field's element on the page.
    text
        What to do about it, such as "Select a reason".
    """

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Layout:
    """What every page's frame shows, beside the page's own context.

    Parameters
    ----------
    account
        Who is signed in, or ``None``.
    navigation
        Links that the reader's role has.
    notice
        What to tell above the heading, or ``None``.
    errors
        Fields whose answers cannot be taken; listed above the heading and in the title.
    """

    account: AccountView | None = None
    navigation: tuple[NavigationItem, ...] = ()
    notice: Notice | None = None
    errors: tuple[FieldError, ...] = ()

    def error(self, field: str) -> str:
        """Give what is wrong with a field, or nothing."""
        return next((one.text for one in self.errors if one.field == field), "")


def navigation(
    links: Sequence[tuple[str, str]], here: str, home: str = "/"
) -> tuple[NavigationItem, ...]:
    """Make the navigation, with the link marked that the current page lies under.

    Parameters
    ----------
    links
        Words and address of each link that the role has, in order.
    here
        Path of the current page.
    home
        Address that only its own page lies under.
    """
    return tuple(NavigationItem(text, url, _under(here, url, home)) for text, url in links)


def told(
    layout: Layout,
    *,
    notice: Notice | None = None,
    errors: Mapping[str, str] | Iterable[FieldError] = (),
) -> Layout:
    """Give a layout that also tells of something.

    Parameters
    ----------
    notice
        What happened.
    errors
        What is wrong by field, in the page's order.
    """
    listed = (
        tuple(FieldError(field, text) for field, text in errors.items())
        if isinstance(errors, Mapping)
        else tuple(errors)
    )
    return replace(layout, notice=notice, errors=listed)


def service_version() -> str:
    """Give the installed version of the service, or nothing where it is not installed."""
    try:
        return version("secondlook")
    except PackageNotFoundError:
        return ""


def _under(here: str, url: str, home: str) -> bool:
    return here == url or (url != home and here.startswith(url.rstrip("/") + "/"))
