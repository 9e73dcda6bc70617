"""Facts to text: choosing fragments, ordering them and joining them as the writer would."""

from random import Random

from data.synthetic.facts import AT_A_BUSINESS, FIRM, NONE, SMUGGLING, VAGUE, Facts
from data.synthetic.grammar import phrases, pick, wording

GROUP_OFFENCES = (
    *AT_A_BUSINESS,
    "trafficking_smuggling_slavery",
    "helping_others_enter_or_stay",
)
OPENED_BY_OFFICIALS = {"mp": "Constituent", "staff": "Source", "other_department": "Referrer"}
FORM_LIMIT = 1200  # the real form's limit for free text


class Writer:
    """Writes one report: holds its slots and draws wordings for them."""

    def __init__(self, facts: Facts, slots: dict[str, str], rng: Random) -> None:
        self.facts, self.slots, self.rng = facts, slots, rng
        self.group = "smuggling" if set(facts.categories) & set(SMUGGLING) else "immigration"
        self._said: set[int] = set()
        self._set_subject()

    def say(self, name: str) -> str:
        """Return a wording from the list of that name, of a fragment not yet used if any."""
        templates = phrases()[name]
        template = pick(templates, self.rng)
        for _ in range(4):
            if id(template) not in self._said:
                break
            template = pick(templates, self.rng)
        self._said.add(id(template))
        return wording(template, self.slots, self.rng)

    def tell(self, name: str) -> str:
        """Return a wording from the list of that name in this report's voice."""
        return self.say(f"{self.facts.voice}.{name}")

    def chance(self, share: float) -> bool:
        """Return true in that share of calls."""
        return self.rng.random() < share

    def _set_subject(self) -> None:
        f, s = self.facts, self.slots
        s["nat"], s["country"] = f.nationality, f.country
        business = {
            FIRM: "{bizname} on {street}" if self.chance(0.5) else "{bizname}",
            VAGUE: "a {biztype} near the {landmark}"
            if self.chance(0.5)
            else "a {biztype} in {town}",
            NONE: "a {biztype}",
        }
        s["biz"] = business[f.place].format(**s)
        s["subj"] = self.tell(f"subj{f.person}.{f.gender}").strip()

    def body(self) -> list[str]:
        """Return the sentences of the report, in order."""
        if self.facts.nothing:
            return self._nothing()
        start, middle, firm = self._claim(), self._asides(), self._leads()
        if self.facts.fact_last:
            middle += [self._filler() for _ in range(3 + int(self.rng.random() * 5))]
            self.rng.shuffle(middle)
            return self._framed(start + middle + firm)
        rest = middle + firm
        self.rng.shuffle(rest)
        return self._framed(start + rest)

    def _nothing(self) -> list[str]:
        f = self.facts
        if f.voice == "noted":
            return [self.say("noted.nothing")] + (
                [self.tell("closing")] if self.chance(0.4) else []
            )
        out = [self.say(f"own.{f.nothing}")]
        if f.nothing == "empty":
            return out
        while self.chance(0.42):
            out.append(self.say(f"own.{f.nothing}") if self.chance(0.4) else self._filler())
        if f.angry:
            out += [self.say("own.anger") for _ in range(1 + int(self.rng.random() * 3))]
        if f.says_nationality:
            out.append(self.tell("nationality"))
        return self._framed(out)

    def _filler(self) -> str:
        return self.say("own.filler_any" if self.chance(0.4) else f"own.filler_{self.group}")

    def _claim(self) -> list[str]:
        f = self.facts
        prefix = "noted:" if f.voice == "noted" else ""
        if f.indirect:
            lines = [
                self.say(f"{prefix}indirect.trafficking") for _ in range(2 + self.chance(0.4))
            ]
            return list(dict.fromkeys(lines))
        first = self.say(f"{prefix}claim.{f.categories[0]}")
        out = [f"{self._prefix()} {first}".strip()]
        # Later mentions of the same person are by pronoun.
        self.slots["subj"] = self.slots["he"]
        for extra in f.categories[1:]:
            lead = "" if f.voice == "noted" else self.say("own.also")
            out.append(f"{lead} {self.say(f'{prefix}claim.{extra}')}".strip())
        return out

    def _prefix(self) -> str:
        f = self.facts
        if f.voice == "noted":
            told = f.channel not in OPENED_BY_OFFICIALS and self.chance(0.75)
            return self.say("noted.claim_prefix") if told else ""
        if f.source == 0:
            return self.say("own.hearsay_prefix") if self.chance(0.7) else ""
        return self.say("own.belief_prefix") if self.chance(0.25) else ""

    def _leads(self) -> list[str]:
        """Return the sentences that can be looked into, and those that say what is missing."""
        f = self.facts
        out = [self._place()] if f.place else []
        if f.person and self.chance(0.55):
            out.append(self.tell(f"person{f.person}"))
        if f.vehicle:
            out.append(self.tell(f"vehicle{f.vehicle}"))
        if f.when:
            out.append(self.tell(f"when{f.when}"))
        if f.place == NONE and self.chance(0.35):
            out.append(self.tell("place0"))
        if f.person == NONE and self.chance(0.3):
            out.append(self.tell("person0"))
        self.rng.shuffle(out)
        return out

    def _place(self) -> str:
        at_business = self.facts.categories[0] in AT_A_BUSINESS
        firm = "place2_business" if at_business and self.chance(0.75) else "place2"
        return self.tell(firm if self.facts.place == FIRM else "place1")

    def _asides(self) -> list[str]:
        f = self.facts
        named = {
            "source2": f.source == FIRM,
            "source0": f.source == NONE and self.chance(0.65),
            "corroboration": f.corroborated,
            "past": f.currency == "past",
            "now": f.currency == "now",
            self._imminent(): f.currency == "imminent",
            "lawful": f.lawful,
            "mild": f.mild,
            "repeat": f.repeat,
            "nationality": f.says_nationality,
        }
        out = [self.tell(name) for name, wanted in named.items() if wanted]
        if f.harm:
            out += [self.tell(self._harm()) for _ in range(1 + self.chance(0.7))]
        if f.voice == "own":
            out += [self._filler() for _ in range(int(self.rng.random() ** 2 * 4))]
            out += [self.say("own.anger")] if f.angry else []
        return out

    def _imminent(self) -> str:
        first = self.facts.categories[0]
        kind = {"fake_marriage": "wedding"}.get(first, self.group)
        return f"imminent_{kind if self.chance(0.5) else 'leaving'}"

    def _harm(self) -> str:
        personal = self.group == "immigration" and self.facts.categories[0] not in GROUP_OFFENCES
        return "harm_personal" if personal else f"harm_{self.group}"

    def _framed(self, sentences: list[str]) -> list[str]:
        f = self.facts
        if f.voice == "noted":
            out = sentences + ([self.tell("closing")] if self.chance(0.35) else [])
            if f.channel not in OPENED_BY_OFFICIALS:
                return out
            out[0] = f"{self.say(f'noted.{f.channel}_opening')} {out[0]}"
            return [s.replace("Caller", OPENED_BY_OFFICIALS[f.channel]) for s in out]
        letter = "letter_" if f.channel == "letter" else ""
        opening = (
            [self.say(f"own.{letter}opening")] if self.chance(0.9 if letter else 0.32) else []
        )
        signed = self.chance(0.85 if f.anonymous else 0.3)
        closing = [self.say("own.letter_closing" if letter and signed else "own.closing")]
        return opening + sentences + (closing if signed else [])
