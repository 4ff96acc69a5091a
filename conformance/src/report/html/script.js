
// One result: a list of cases and findings that is filtered, and the sessions of a capture.

const CHUNK = 200;
const OTHERS = "Others";
const byId = (id) => document.getElementById(id);
const requirements = new Map((data.requirements ?? []).map((it) => [it.id, it]));
const kinds = new Map((data.kinds ?? []).map((it) => [it.word, it]));
const sectionOf = (id) => requirements.get(id)?.section ?? OTHERS;
const deviceOf = (topic) => topic.split("/").slice(-2).join("/");

/** The filter and the open entry, which the fragment of the address stores. */
const state = { query: "", section: "", shown: new Set(), open: "" };

/** Returns the requirements of a case: those that its findings violate, errors first, or else its own. */
const shownOf = (it) => {
  const found = [...(it.findings ?? [])].sort((one, other) => one.level.localeCompare(other.level));
  const broken = [...new Set(found.map((finding) => finding.requirement).filter(Boolean))];
  return broken.length > 0 ? broken : it.requirements;
};

const items = [
  ...(data.cases ?? []).map((it) => ({
    key: it.id,
    kind: it.outcome,
    section: sectionOf(shownOf(it)[0]),
    text: [it.id, it.requirements.join(" "), it.title, it.detail].join("\n").toLowerCase(),
    head: () => [
      make("span", { class: "title" }, ...(it.title ? prose(it.title) : [it.id])),
      it.title ? make("code", { class: "id" }, it.id) : "",
      it.detail ? make("span", { class: "said" }, firstLine(it.detail)) : "",
    ],
    requirements: shownOf(it),
    level: it.level,
    body: () => caseBody(it),
  })),
  ...(data.findings ?? []).map((it, index) => ({
    key: `finding-${index + 1}`,
    kind: it.level === "must" ? "error" : "warning",
    section: sectionOf(it.requirement),
    text: [`${data.unit} ${it.line}`, it.side, it.code, it.requirement, it.topic, it.detail].join("\n").toLowerCase(),
    head: () => [
      make("span", { class: "title" }, ...prose(firstLine(it.detail))),
      make("span", { class: "id" }, `${data.unit} ${number(it.line)} ${it.side} `, make("b", {}, it.code)),
      it.topic ? make("code", { class: "topic" }, it.topic) : "",
    ],
    requirements: it.requirement ? [it.requirement] : [],
    body: () => findingBody(it),
  })),
];
const byKey = new Map(items.map((it) => [it.key, it]));

const firstLine = (text) => text.split("\n", 1)[0];

// The next functions make the content of an open entry.

function caseBody(it) {
  const took = it.seconds === undefined ? "" : duration(it.seconds);
  const events = it.events ?? [];
  return [
    facts([
      ["Asked", it.request],
      ["Input", it.input && marked(it.input)],
      ["Expected", it.expected && make("pre", {}, it.expected)],
      ["Answered", it.answered && make("pre", { class: "observed" }, it.answered)],
      ["Observed", it.detail ? make("pre", { class: "observed" }, it.detail)
        : it.outcome === "pass" ? "as expected" : ""],
      ["Why", it.reason && make("span", {}, ...prose(it.reason))],
      ["Broken", shownOf(it) !== it.requirements && texts(shownOf(it))],
      ["Required by", it.requirements.length > 0 && texts(it.requirements)],
      ["Took", took],
      ["Run only this", data.replay && it.outcome !== "stale" && command(`${data.replay} --filter ${it.id}`)],
    ]),
    events.length ? diagram(events, { unit: "event" }) : "",
  ];
}

function findingBody(it) {
  const [, ...rest] = it.detail.split("\n");
  const device = deviceOf(it.topic);
  const isThere = sessions.get(device)?.events.some(({ at }) => at === it.line);
  return [
    facts([
      ["At fault", it.side],
      ["Topic", it.topic && make("code", {}, it.topic)],
      ["Message", it.message ? marked(it.message) : rest.length > 0 && make("pre", {}, rest.join("\n"))],
      ["Required by", it.requirement && texts([it.requirement])],
      ["Session", isThere && make("a", { href: `#session=${encodeURIComponent(device)}&at=${it.line}`,
        "data-session": device, "data-at": it.line }, `${data.unit} ${number(it.line)} in the session of ${device}`)],
    ]),
  ];
}

/** Returns a time in a suitable unit. */
function duration(seconds) {
  if (seconds < 0.0095) return `${(seconds * 1000).toPrecision(2)} ms`;
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

/** Returns a command, and a button that copies it. */
function command(text) {
  const shown = make("pre", {}, text);
  const button = make("button", { type: "button" }, "Copy");
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      // If the page may not copy the command, the page selects it, so that the user can copy it.
      getSelection().selectAllChildren(shown);
      button.textContent = "Selected";
    }
  };
  return make("div", { class: "command" }, shown, button);
}

function facts(pairs) {
  const told = pairs.filter(([, fact]) => fact);
  return make("dl", {}, ...told.flatMap(([name, fact]) => [make("dt", {}, name), make("dd", {}, fact)]));
}

function marked({ before, marked, after = "" }) {
  if (marked === undefined) return make("pre", { class: "input" }, before);
  const mark = marked === ""
    ? make("mark", { class: "caret", title: "Something is missing here" }, make("span", { class: "unseen" }, "[here]"))
    : make("mark", {}, marked);
  return make("pre", { class: "input" }, before, mark, after);
}

function texts(ids) {
  return make("ul", { class: "texts" }, ...ids.map((id) => {
    const it = requirements.get(id);
    const level = it && make("small", {}, it.level.toUpperCase());
    return make("li", {}, make("b", {}, id), " ", level, " ", ...prose(it?.text ?? ""));
  }));
}

// The list of cases or findings.

function row(item) {
  const { tone, glyph } = kinds.get(item.kind) ?? { tone: "dull", glyph: "" };
  const entry = make("details", { class: "item", "data-key": item.key },
    make("summary", {},
      make("span", { class: `badge ${tone}` }, make("span", { "aria-hidden": "true" }, glyph), ` ${item.kind}`),
      make("span", { class: "what" }, ...item.head()),
      make("span", { class: "ids" },
        ...item.requirements.flatMap((id) => [make("span", {}, id), " "]),
        item.level === "should" ? make("small", {}, "SHOULD") : "")));
  entry.addEventListener("toggle", () => {
    if (entry.open && entry.childElementCount === 1) {
      entry.append(make("div", { class: "body" }, ...item.body()));
    }
    // The address stores only an entry that the user has opened separately.
    if ("all" in entry.dataset) {
      delete entry.dataset.all;
      return;
    }
    if (entry.open) state.open = item.key;
    else if (state.open === item.key) state.open = "";
    writeFragment();
  });
  return make("li", {}, entry);
}

function show() {
  const query = state.query.trim().toLowerCase();
  const fits = items.filter(({ text, section }) =>
    (query === "" || text.includes(query)) && (state.section === "" || section === state.section));
  const list = fits.filter(({ kind }) => state.shown.has(kind));
  for (const [word, { box, count }] of toggles) {
    box.checked = state.shown.has(word);
    count.textContent = number(fits.filter(({ kind }) => kind === word).length);
  }
  const noun = data.cases.length ? "case" : "finding";
  const all = plural(items.length, noun);
  byId("matches").textContent = list.length === items.length ? all : `${number(list.length)} of ${all}`;
  const wanted = byKey.get(state.open);
  const at = list.indexOf(wanted);
  // A link to an entry shows this entry, even if the filter hides it.
  if (wanted && (at < 0 || at >= CHUNK)) list.unshift(...(at < 0 ? [wanted] : list.splice(at, 1)));
  inChunks(byId("items"), byId("more"), CHUNK, list, row);
  if (list.length === 0) byId("items").append(make("li", { class: "none" }, "No item matches the filter."));
  if (wanted) document.querySelector(`[data-key="${CSS.escape(wanted.key)}"]`).open = true;
}

const toggles = new Map();

function controls() {
  for (const { word, tone, glyph, count: total } of kinds.values()) {
    if (total === 0) continue;
    const box = make("input", { type: "checkbox", value: word });
    const count = make("span", { class: "count" });
    byId("kinds").append(make("label", { class: `toggle ${tone}` },
      box, make("span", { "aria-hidden": "true" }, glyph), ` ${word} `, count));
    toggles.set(word, { box, count });
    box.onchange = () => {
      if (box.checked) state.shown.add(word);
      else state.shown.delete(word);
      changed();
    };
  }
  for (const section of new Set(items.map((it) => it.section))) {
    byId("section").append(make("option", { value: section }, section));
  }
  byId("query").oninput = () => changed({ query: byId("query").value });
  byId("section").onchange = () => changed({ section: byId("section").value });
  byId("expand").onclick = () => {
    const entries = [...byId("items").querySelectorAll("details")];
    const opens = entries.some((entry) => !entry.open);
    for (const entry of entries.filter((entry) => entry.open !== opens)) {
      entry.dataset.all = "";
      entry.open = opens;
    }
    byId("expand").textContent = opens ? "Collapse all" : "Expand all";
  };
  byId("filter").onsubmit = (event) => event.preventDefault();
  for (const link of document.querySelectorAll(".causes a[data-open]")) {
    link.href = `#${new URLSearchParams({ open: link.dataset.open })}`;
  }
  for (const link of document.querySelectorAll("a[data-section], a[data-query]")) {
    const { section = "", query = "" } = link.dataset;
    link.href = `#${new URLSearchParams({ ...(section && { section }), ...(query && { query }), show: "all" })}`;
    link.addEventListener("click", () => setTimeout(() => byId("list").scrollIntoView()));
  }
}

function changed(to = {}) {
  Object.assign(state, to, { open: "" });
  writeFragment();
  show();
}

// The address of the page, which stores the filter.

const first = () => new Set(data.first.length ? data.first : kinds.keys());

function writeFragment() {
  const { query, section, shown, open } = state;
  const words = new URLSearchParams();
  if (query) words.set("query", query);
  if (section) words.set("section", section);
  const isAll = [...toggles.keys()].every((word) => shown.has(word));
  const same = [...toggles.keys()].every((word) => shown.has(word) === first().has(word));
  if (!same) words.set("show", isAll ? "all" : [...shown].join(","));
  if (open) words.set("open", open);
  const fragment = words.toString() ? `#${words}` : "";
  if (fragment !== location.hash) history.replaceState(null, "", fragment || location.pathname);
}

function readFragment() {
  const words = new URLSearchParams(location.hash.slice(1));
  const shown = words.get("show");
  Object.assign(state, {
    query: words.get("query") ?? "",
    section: words.get("section") ?? "",
    shown: shown === null ? first() : new Set(shown === "all" ? kinds.keys() : shown.split(",")),
    open: words.get("open") ?? "",
  });
  byId("query").value = state.query;
  byId("section").value = state.section;
  show();
  if (state.open) revealItem();
  if (words.has("session")) revealEvent(words.get("session"), words.get("at"));
}

function revealItem() {
  const entry = document.querySelector(`[data-key="${CSS.escape(state.open)}"]`);
  entry?.scrollIntoView({ block: "center" });
  entry?.querySelector("summary").focus({ preventScroll: true });
}

// The next functions show the sessions of a capture.

const sessions = new Map((data.sessions ?? []).map((it) => [it.device, it]));
/** The findings by device, line and code. */
const found = new Map();
for (const [index, { topic, line, code, level }] of (data.findings ?? []).entries()) {
  const where = [deviceOf(topic), line, code].join("\n");
  if (!found.has(where)) found.set(where, []);
  found.get(where).push({ key: `finding-${index + 1}`, level });
}
let wantedEvent;

function sessionRow(session) {
  const { device, events, left_out: leftOut = 0 } = session;
  const seen = events.filter(({ inferred }) => !inferred).length;
  const cut = leftOut > 0 || events.some((event) => event.left_out);
  const counts = [["must", "bad", "✗"], ["should", "mild", "!"]].map(([level, tone, glyph]) => {
    const count = events.filter((event) => event.level === level).length;
    return count ? make("span", { class: `badge ${tone}` }, `${glyph} ${number(count)}`) : "";
  });
  const entry = make("details", { class: "item", "data-device": device },
    make("summary", {}, make("span", { class: "what" }, make("code", { class: "id" }, device),
      make("span", {}, plural(seen, "message") + (cut ? " shown" : ""))), make("span", { class: "ids" }, ...counts)));
  const find = (at, code, nth) => found.get([device, at, code].join("\n"))?.[nth];
  entry.addEventListener("toggle", () => {
    if (!entry.open || entry.childElementCount > 1) return;
    const about = { unit: data.unit, leftOut, find };
    entry.append(make("div", { class: "body" }, diagram(events, about, revealWanted)));
  });
  return entry;
}

function startSessions() {
  const rank = ({ events }) => Math.min(...events.map(({ level }) => (level ? { must: 0, should: 1 }[level] : 2)), 2);
  const sorted = [...sessions.values()].sort((a, b) => rank(a) - rank(b));
  inChunks(byId("session-list"), byId("more-sessions"), 50, sorted, sessionRow);
  const [one] = sorted;
  if (sorted.length === 1 || rank(one) < 2) byId("session-list").firstElementChild.open = true;
}

function revealEvent(device, at) {
  if (!sessions.has(device)) return;
  wantedEvent = { device, at };
  const entry = () => document.querySelector(`[data-device="${CSS.escape(device)}"]`);
  while (!entry() && !byId("more-sessions").hidden) byId("more-sessions").click();
  entry().open = true;
  revealWanted();
}

/** Scrolls to the wanted event, if the diagram contains it. */
function revealWanted() {
  if (!wantedEvent) return;
  const { device, at } = wantedEvent;
  const event = document.querySelector(
    `[data-device="${CSS.escape(device)}"] .event[data-at="${CSS.escape(at)}"]`);
  if (!event) return;
  wantedEvent = undefined;
  for (const it of document.querySelectorAll(".event.wanted")) it.classList.remove("wanted");
  event.classList.add("wanted");
  event.scrollIntoView({ block: "center" });
}

function start() {
  if (sessions.size) {
    byId("sessions").hidden = false;
    startSessions();
  }
  if (items.length === 0) return;
  byId("list").hidden = false;
  controls();
  readFragment();
  addEventListener("hashchange", readFragment);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-open], [data-session]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset.session) revealEvent(link.dataset.session, link.dataset.at);
    else if (link.dataset.open) {
      state.open = link.dataset.open;
      writeFragment();
      show();
      revealItem();
    }
  });
}
