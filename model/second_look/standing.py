"""How a second look stands, in plain sentences that each hold their interval."""

from __future__ import annotations

from model.second_look.estimate import SecondLookEstimate

NEARLY_ALL = 0.95


def standing(estimate: SecondLookEstimate, next_reviews: int) -> str:
    """Say what remains, what was found, what more reviews would find and what would be enough."""
    remaining, recall = estimate.remaining, estimate.recall
    level = f"{estimate.confidence:.0%} interval"
    if not estimate.backlog:
        return f"{estimate.found:,} wrong dismissals were found ({level} for those left: 0 to 0)."
    between = f"{remaining.low:,.0f} to {remaining.high:,.0f}"
    about = (
        "An unknown number" if remaining.estimate is None else f"About {remaining.estimate:,.0f}"
    )
    parts = [
        f"{about} of the {estimate.backlog:,} unreviewed are wrong dismissals ({level} {between})."
    ]
    if not estimate.found:
        parts.append("None has been found so far.")
    elif recall.estimate is not None:
        parts.append(
            f"Found so far: {estimate.found:,}, which is about {recall.estimate:.0%} of all "
            f"({level} {recall.low:.0%} to {recall.high:.0%})."
        )
    if estimate.reviewed:
        parts.append(_ahead(estimate, next_reviews))
    if estimate.found and not estimate.certified:
        parts.append(_to_certify(estimate))
    return " ".join(parts)


def _ahead(estimate: SecondLookEstimate, reviews: int) -> str:
    forecast = estimate.finds_in(reviews)
    return (
        f"{forecast.reviews:,} more reviews would find about {forecast.finds:,.0f} more "
        f"(80% interval {forecast.low:,} to {forecast.high:,})."
    )


def _to_certify(estimate: SecondLookEstimate) -> str:
    """Say what a certificate would take, where the target may have been reached at all."""
    if estimate.recall.high < estimate.target_recall:
        return f"More must be found before the target of {estimate.target_recall:.0%} can be met."
    draws = estimate.draws_to_certify
    records = "record" if draws == 1 else f"{draws:,} records"
    wish = (
        f"If the next {records} drawn at random held no wrong dismissal, the target would be "
        "certified"
    )
    reviews, share = estimate.reviews_to_certify, estimate.audited / max(estimate.reviewed, 1)
    if reviews is None or share == 1:
        return f"{wish}."
    nearly_all = reviews >= NEARLY_ALL * estimate.backlog
    many = "nearly all" if nearly_all else f"about {reviews:,}"
    return (
        f"{wish}; with {100 * share:.2g}% of the reviews drawn at random, as so far, and nothing "
        f"found by the others, that takes {many} of the {estimate.backlog:,} left."
    )
