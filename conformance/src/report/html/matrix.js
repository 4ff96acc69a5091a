
// The matrix: an open row shows the cases that it combines.

function unfold(row) {
  const { subjects } = data;
  const cases = data.rows[row.dataset.row];
  const list = make("ol", { class: "folded" });
  const button = make("button", { type: "button" });
  inChunks(list, button, 100, cases, ({ id, title = "", said = [] }) => {
    const words = said.flatMap((detail, at) => detail === "" ? [] : [
      make("dt", {}, make("span", { class: "number", title: subjects[at] }, String(at + 1))),
      make("dd", {}, make("pre", {}, detail)),
    ]);
    return make("li", {}, make("code", {}, id), " ", make("span", {}, ...prose(title)),
      words.length ? make("dl", {}, ...words) : "");
  });
  const content = make("div", {}, list, make("p", { class: "more" }, button));
  return make("tr", { class: "opened" }, make("td", { colspan: subjects.length + 1 }, content));
}

function startMatrix() {
  for (const row of document.querySelectorAll("tr[data-row]")) {
    const fold = row.querySelector(".fold");
    const button = make("button", { type: "button", class: "fold", "aria-expanded": "false" }, fold.textContent);
    let opened;
    button.onclick = () => {
      const opens = !opened?.isConnected;
      button.setAttribute("aria-expanded", opens);
      if (opens) row.after(opened ??= unfold(row));
      else opened.remove();
    };
    fold.replaceWith(button);
  }
}

if (data.rows) startMatrix();
else start();
