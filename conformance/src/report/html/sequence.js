
// Sequence diagrams as SVG: the messages with their senders and receivers.

const LANES = { device: "device", platform: "platform", store: "object store" };
const NARROW = 480; // where the lanes move to the edges
const LETTER = 7.3; // about the width of a letter of a label

/**
 * Returns the diagram of `events` with this width. `about` has the unit of `at`, the number of events
 * that are missing at the end, and the finding for each code of an event.
 */
function sequence(events, width, about) {
  const lanes = Object.keys(LANES).filter(
    (lane) => lane !== "store" || events.some(({ from, to }) => from === lane || to === lane),
  );
  const space = Math.max(width, 300);
  // The left side has space for the numbers of the lines, and each side for the name of a lane.
  const [start, end] = space < NARROW ? [52, space - 48] : [96, space - 52];
  const step = (end - start) / (lanes.length - 1);
  const x = Object.fromEntries(lanes.map((lane, at) => [lane, start + at * step]));

  const bands = [];
  const rows = [];
  let y = 34;
  const leave = (count) => {
    if (!count) return;
    const words = `… ${plural(count, "message")} not shown`;
    rows.push(draw("text", { class: "gap", x: (start + end) / 2, y: y + 16 }, words));
    y += 26;
  };
  for (const event of events) {
    leave(event.left_out);
    const height = 32 + 15 * (event.codes?.length ?? 0);
    if (event.level) {
      bands.push(draw("rect", { class: `band ${toneOf(event.level)}`, x: 0, y, width: space, height, rx: 4 }));
    }
    rows.push(arrow(event, x, { y, height, space }, about));
    y += height;
  }
  leave(about.leftOut);

  const heads = lanes.flatMap((lane) => [
    draw("line", { class: "lane", x1: x[lane], x2: x[lane], y1: 26, y2: y + 6 }),
    draw("text", { class: "head", x: x[lane], y: 18 }, LANES[lane]),
  ]);
  return draw(
    "svg",
    {
      class: "sequence", width: space, height: y + 8, viewBox: `0 0 ${space} ${y + 8}`,
      role: "group", "aria-label": `Sequence diagram: ${lanes.map((lane) => LANES[lane]).join(", ")}`,
    },
    ...bands,
    ...heads,
    ...rows,
  );
}

const toneOf = (level) => (level === "must" ? "bad" : "mild");

function arrow(event, x, { y, height, space }, about) {
  const { at, from, to, label, dup, inferred, codes = [], level } = event;
  const [start, end, line] = [x[from], x[to], y + 22];
  const ahead = end > start ? 1 : -1;
  const left = Math.min(start, end) + 8;
  const room = Math.floor((space - left - 2) / LETTER) - (dup ? 4 : 0);
  const short = label.length > room ? `${label.slice(0, room - 1)}…` : label;

  const words = [`${about.unit} ${at}: ${LANES[from]} to ${LANES[to]}: ${label}`];
  if (dup) words.push("sent again (DUP)");
  if (inferred) words.push("not recorded but implied");
  words.push(...codes);
  const marks = codes.map((code, index) => {
    const before = codes.slice(0, index).filter((other) => other === code).length;
    const found = about.find?.(at, code, before);
    const tone = toneOf(found?.level ?? level);
    const text = draw("text", { class: `code ${tone}`, x: left, y: line + 16 + 15 * index },
      `${tone === "bad" ? "✗" : "!"} ${code}`);
    return found ? draw("a", { href: `#open=${found.key}`, "data-open": found.key }, text) : text;
  });
  const classes = ["event", level && toneOf(level), dup && "dup", inferred && "inferred"];
  return draw(
    "g",
    { class: classes.filter(Boolean).join(" "), "data-at": at },
    draw("title", {}, words.join(", ")),
    draw("rect", { class: "frame", x: 1, y, width: space - 2, height, rx: 4 }),
    draw("text", { class: "at", x: x.device - 16, y: y + 14 }, inferred ? "" : String(at)),
    draw("line", { class: "arrow", x1: start, x2: end - ahead * 6, y1: line, y2: line }),
    draw("path", { class: "point", d: `M${end} ${line}l${-8 * ahead} -4v8z` }),
    draw("circle", { class: "point", cx: start, cy: line, r: 2.5 }),
    draw("text", { class: "label", x: left, y: y + 14 },
      ...(dup ? [draw("tspan", { class: "flag" }, "DUP "), short] : [short])),
    ...marks,
  );
}

/** Returns a legend for the marks that a diagram contains. */
function legend(events) {
  const has = (test) => events.some(test);
  const words = [
    has(({ inferred }) => inferred) && ["inferred", "dashed grey: a transfer that the messages imply but that was not recorded"],
    has(({ dup }) => dup) && ["dup", "DUP: sent again by MQTT"],
    has(({ level }) => level === "must") && ["bad", "✗ error"],
    has(({ level }) => level === "should") && ["mild", "! warning"],
  ].filter(Boolean);
  return make("p", { class: "legend" }, ...words.map(([tone, text]) => make("span", { class: tone }, text)));
}

const drawings = new Map();
const resized = new ResizeObserver((boxes) => {
  for (const { target, contentRect } of boxes) drawings.get(target)?.(Math.floor(contentRect.width));
});

/** Returns a box with a diagram, which is drawn again when the width of the box changes. */
function diagram(events, about, drawn = () => {}) {
  const box = make("div", { class: "diagram" });
  let last;
  drawings.set(box, (width) => {
    if (width === 0 || width === last) return;
    last = width;
    box.replaceChildren(sequence(events, width, about));
    drawn(box);
  });
  resized.observe(box);
  return make("figure", {}, make("figcaption", {}, legend(events)), box);
}
