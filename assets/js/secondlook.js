// What makes the pages quick; none of them needs it.
//
// data-shortcut="u"       a key that does what clicking the element does (data-shortcut-label
//                         names it in the help, which ? opens)
// data-swap="look"        on a link or form: only the element with data-region="look" changes
// data-prefetch           on such a link: its page is fetched while the reader still reads
// data-live="hints"       on a form: while it is filled in, its answer (from data-live-url or its
//                         action) replaces the region of that name, and focus stays where it is
// data-filter="Filter…"   on a list of checkboxes: a field that narrows it, labelled so
const SETTING = "secondlook-shortcuts";
const FRESH_FOR = 60_000;
const KEPT = new Map();
let enhance = () => {};
let here = location.pathname + location.search;
let busy = false;

const all = (selector, scope = document) => [...scope.querySelectorAll(selector)];

function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  element.append(...children);
  return element;
}

// Announcing

function announce(words) {
  const status = document.getElementById("app-status");
  if (!status) return;
  status.textContent = "";
  setTimeout(() => { status.textContent = words; }, 50);
}

// Shortcuts (WCAG 2.1.4: they can be turned off, and never act while somebody types)

function stored() {
  try { return localStorage.getItem(SETTING); } catch { return null; }
}

const shortcutsOn = () => stored() !== "off";

function setShortcuts(on) {
  try { localStorage.setItem(SETTING, on ? "on" : "off"); } catch { /* lasts for this page */ }
  showShortcuts();
}

function showShortcuts() {
  document.documentElement.classList.toggle("app-keys-off", !shortcutsOn());
  all("[data-shortcut]").forEach((element) => {
    if (shortcutsOn()) element.setAttribute("aria-keyshortcuts", element.dataset.shortcut);
    else element.removeAttribute("aria-keyshortcuts");
  });
  const opener = document.getElementById("app-keys-open");
  if (opener) opener.hidden = !shortcuts().length;
}

const shown = (element) => element.getClientRects().length > 0 && !element.disabled;
const shortcuts = () => all("[data-shortcut]").filter((element) => !element.disabled);

const TYPED = /^(text|search|email|tel|url|number|password|date|datetime-local|month|time|week|range)$/;

function typesInto(element) {
  if (!(element instanceof HTMLElement)) return false;
  if (element instanceof HTMLInputElement) return TYPED.test(element.type);
  return element.isContentEditable || /^(TEXTAREA|SELECT)$/.test(element.tagName);
}

function act(element) {
  if (typesInto(element)) element.focus();
  else {
    if (element instanceof HTMLInputElement) element.focus();
    element.click();
  }
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.repeat || !shortcutsOn() || typesInto(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") {
    event.preventDefault();
    openHelp();
    return;
  }
  const key = event.key.toLowerCase();
  const element = shortcuts().find((one) => one.dataset.shortcut === key && shown(one));
  if (!element) return;
  event.preventDefault();
  act(element);
}

function nameOf(element) {
  if (element.dataset.shortcutLabel) return element.dataset.shortcutLabel;
  const label = element.labels?.[0] ?? element;
  const copy = label.cloneNode(true);
  all("kbd, .govuk-visually-hidden", copy).forEach((one) => one.remove());
  return copy.textContent.trim().replace(/\s+/g, " ");
}

function helpRows() {
  const listed = shortcuts().map((one) => [one.dataset.shortcut, nameOf(one)]);
  return [...listed, ["?", "Show this help"], ["Esc", "Close this help"]].map(([key, name]) =>
    made("div", { class: "app-keys__row" },
      made("dt", {}, made("kbd", { class: "app-key" }, key.length > 1 ? key : key.toUpperCase())),
      made("dd", {}, name)));
}

function helpSetting() {
  const box = made("input", {
    class: "govuk-checkboxes__input", id: "app-keys-on", type: "checkbox",
  });
  box.checked = shortcutsOn();
  box.addEventListener("change", () => setShortcuts(box.checked));
  const label = made("label", {
    class: "govuk-label govuk-checkboxes__label", for: "app-keys-on",
  }, "Use single-key shortcuts");
  return made("div", { class: "govuk-checkboxes govuk-checkboxes--small" },
    made("div", { class: "govuk-checkboxes__item" }, box, label));
}

function openHelp() {
  const before = document.activeElement;
  const close = made("button", { class: "govuk-button govuk-!-margin-bottom-0", type: "button" }, "Close");
  const dialog = made("dialog", { class: "app-keys", "aria-labelledby": "app-keys-title" },
    made("h2", { class: "govuk-heading-m", id: "app-keys-title" }, "Keyboard shortcuts"),
    made("dl", { class: "app-keys__list" }, ...helpRows()),
    helpSetting(),
    made("p", { class: "govuk-hint" }, "Shortcuts do nothing while you type in a field."),
    close);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before instanceof HTMLElement) before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}

// Changing a part of the page

async function load(url, options = {}) {
  const response = await fetch(url, {
    ...options, credentials: "same-origin", headers: { Accept: "text/html", "X-Swap": "1" },
  });
  const kind = response.headers.get("content-type") ?? "";
  if (!kind.startsWith("text/html")) throw new TypeError("not a page");
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  // a refused answer has no address of its own to come back to
  const own = response.headers.get("content-location");
  const asked = options.method !== "POST" || response.redirected;
  const address = asked ? response.url : location.href;
  return { page, url: own ? new URL(own, address).href : address };
}

function prefetch(scope) {
  const fresh = (link) => KEPT.get(link.href)?.until > Date.now();
  all("a[data-prefetch]", scope).filter((link) => !fresh(link)).forEach((link) => {
    const answer = load(link.href).catch(() => { KEPT.delete(link.href); });
    KEPT.set(link.href, { answer, until: Date.now() + FRESH_FOR });
  });
}

async function taken(url) {
  const kept = KEPT.get(url);
  KEPT.delete(url);
  const answer = kept && kept.until > Date.now() ? await kept.answer : undefined;
  return answer ?? load(url);
}

function regionOf(page, name) {
  return page.querySelector(`[data-region="${CSS.escape(name)}"]`);
}

function settle(scope, { page, url }) {
  document.title = page.title;
  const hash = new URL(url).hash;
  if (url !== location.href) history.pushState(null, "", url);
  here = location.pathname + location.search;
  ready(scope);
  if (!hash) scrollTo(0, 0);
  const targets = [".govuk-error-summary", "[data-focus]", "h1", "h2"];
  const target = targets.map((one) => scope.querySelector(one)).find(Boolean) ?? scope;
  if (!target.hasAttribute("tabindex")) target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: !hash && target.matches("h1") });
  announce(scope.dataset.announce || page.title);
  document.dispatchEvent(new CustomEvent("secondlook:arrived"));
}

// Who is signed in, where they are and where they came from stand outside what changes

function changeAround(page) {
  const fresh = all("[data-around]", page);
  all("[data-around]").forEach((old, index) => {
    const one = fresh[index];
    const said = (part) => part.dataset.around || part.innerHTML;
    if (!one || said(one) === said(old)) return;
    old.replaceWith(one);
    enhance(one);
  });
}

function put(name, answer) {
  const fresh = regionOf(answer.page, name);
  const old = regionOf(document, name);
  if (fresh && old) {
    prefetch(fresh);
    old.replaceWith(fresh);
    if (name === "page") changeAround(answer.page);
    fresh.classList.add("app-arrived");
    settle(fresh, answer);
    return;
  }
  // another kind of page (signed out, an error): show the whole of it
  const body = document.adoptNode(answer.page.body);
  body.className += " js-enabled govuk-frontend-supported";
  document.body.replaceWith(body);
  settle(body, answer);
}

function failed(element) {
  const words = "That did not reach the service. Check your connection and try again.";
  all(".app-failed").forEach((one) => one.remove());
  const told = made("p", { class: "govuk-error-message app-failed", role: "alert" }, words);
  element.before(told);
}

async function swap(element, name, getting) {
  if (busy) return;
  busy = true;
  const region = regionOf(document, name);
  region?.setAttribute("aria-busy", "true");
  try {
    put(name, await getting());
  } catch {
    region?.removeAttribute("aria-busy");
    failed(element);
  } finally {
    busy = false;
  }
}

const plainClick = (event) =>
  event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

function onClick(event) {
  const opener = event.target.closest("#app-keys-open");
  if (opener) openHelp();
  const link = event.target.closest("a[data-swap]");
  if (!link || event.defaultPrevented || !plainClick(event)) return;
  if (!regionOf(document, link.dataset.swap)) return;
  event.preventDefault();
  swap(link, link.dataset.swap, () => taken(link.href));
}

function request(form, submitter, url = submitter?.getAttribute("formaction") || form.action) {
  const fields = new URLSearchParams(new FormData(form, submitter));
  if (form.method !== "get") return () => load(url, { method: "POST", body: fields });
  const address = new URL(url, location.href);
  address.search = fields;
  return () => taken(address.href);
}

function onSubmit(event) {
  const form = event.target.closest("form[data-swap]");
  if (!form || event.defaultPrevented || !regionOf(document, form.dataset.swap)) return;
  event.preventDefault();
  swap(form, form.dataset.swap, request(form, event.submitter));
}

// Answers while a form is filled in

function live(form) {
  const name = form.dataset.live;
  let timer;
  let turn = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = (turn += 1);
      const asking = request(form, undefined, form.dataset.liveUrl || form.action);
      const answer = await asking().catch(() => null);
      const fresh = answer && regionOf(answer.page, name);
      if (!fresh || mine !== turn) return;
      regionOf(document, name)?.replaceChildren(...fresh.childNodes);
    }, 300);
  });
}

function showNumber(event) {
  const shown = document.querySelector(`output[data-output="${CSS.escape(event.target.id)}"]`);
  if (shown && event.target.type === "range") shown.textContent = event.target.value;
}

// Narrowing a list of checkboxes

function narrow(list, words, status) {
  const wanted = words.trim().toLowerCase().split(/\s+/);
  const items = all(".govuk-checkboxes__item", list);
  items.forEach((item) => {
    const text = item.textContent.toLowerCase();
    const chosen = item.querySelector("input").checked;
    item.hidden = !chosen && !wanted.every((word) => text.includes(word));
  });
  const count = items.filter((item) => !item.hidden).length;
  status.textContent = `${count} of ${items.length} shown`;
}

function filter(list, index) {
  const id = `app-filter-${index}`;
  const field = made("input", {
    class: "govuk-input", id, type: "search", autocomplete: "off", spellcheck: "false",
  });
  const status = made("p", { class: "govuk-hint", role: "status" });
  if (list.dataset.filterShortcut) field.dataset.shortcut = list.dataset.filterShortcut;
  field.addEventListener("input", () => narrow(list, field.value, status));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  const label = made("label", { class: "govuk-label", for: id }, list.dataset.filter);
  list.before(made("div", { class: "app-filter" }, label, field, status));
}

// Beginning

function ready(scope) {
  enhance(scope);
  all("[data-filter]", scope).forEach(filter);
  all("form[data-live]", scope).forEach(live);
  showShortcuts();
  prefetch(scope);
}

export function start(enhancing) {
  enhance = enhancing;
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("input", showNumber);
  addEventListener("popstate", () => {
    if (location.pathname + location.search !== here) location.reload();
  });
  ready(document);
}
