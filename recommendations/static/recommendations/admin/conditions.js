// The rows of a condition. Without this script, values are lines of a text area; with it, they are
// chosen from the shop's own. The text areas stay the form's data.
(() => {
  "use strict";

  const WAIT_MS = 200;

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  const setUp = (root) => {
    const settings = JSON.parse(root.dataset.settings);
    const { words, products } = settings;
    let lists = 0;

    const describe = (name) =>
      settings.fields[name.startsWith("attribute:") ? "attribute:" : name];

    const readLines = (area) => area.value.split("\n").filter((line) => line.trim());

    const writeLines = (area, lines) => {
      area.value = lines.join("\n");
      area.dispatchEvent(new Event("change", { bubbles: true }));
    };

    const makeSelect = (area, choices) => {
      const select = make("select", { ariaLabel: words.value });
      for (const [value, text] of choices) select.append(make("option", { value }, text));
      const [present] = readLines(area);
      if (choices.some(([value]) => value === present)) select.value = present;
      const write = () => writeLines(area, [select.value]);
      select.addEventListener("change", write);
      write();
      return [select];
    };

    const makeNumbers = (area, labels) => {
      const lines = readLines(area);
      const inputs = labels.map((ariaLabel, place) =>
        make("input", { type: "number", step: "any", ariaLabel, value: lines[place] ?? "" }),
      );
      const write = () => writeLines(area, inputs.map((input) => input.value));
      for (const input of inputs) input.addEventListener("input", write);
      return inputs;
    };

    const makeChips = (area, field) => {
      const chips = make("ul", { className: "conditions-chips" });
      const id = `conditions-${root.dataset.name}-${(lists += 1)}`;
      const input = make("input", { type: "text", ariaLabel: words.add, placeholder: words.add });
      input.setAttribute("list", id);
      input.autocomplete = "off";
      const proposals = make("datalist", { id });
      const found = new Map();
      const show = (value) => (field === "product" ? (products[value] ?? value) : value);

      const draw = () => {
        chips.replaceChildren(
          ...readLines(area).map((value, place) => {
            const remove = make("button", {
              type: "button",
              ariaLabel: words.remove.replace("%s", show(value)),
              textContent: "×",
            });
            remove.addEventListener("click", () => {
              writeLines(area, readLines(area).filter((_, other) => other !== place));
              draw();
              input.focus();
            });
            return make("li", {}, show(value), remove);
          }),
        );
      };

      const add = () => {
        const typed = input.value.trim();
        if (!typed) return;
        const value = found.get(typed) ?? typed;
        if (field === "product" && found.has(typed)) products[value] = typed;
        const lines = readLines(area);
        if (!lines.includes(value)) writeLines(area, [...lines, value]);
        input.value = "";
        draw();
      };

      let timer;
      const propose = async () => {
        const query = new URLSearchParams({ field, q: input.value });
        const answer = await fetch(`${settings.choices}?${query}`).catch(() => null);
        if (!answer?.ok) return;
        const { choices } = await answer.json();
        found.clear();
        for (const [value, label] of choices) {
          found.set(found.has(label) ? `${label} (${value})` : label, value);
        }
        proposals.replaceChildren(...[...found.keys()].map((value) => make("option", { value })));
      };
      input.addEventListener("input", () => {
        // Choosing a proposal gives the whole text at once.
        if (found.has(input.value)) return add();
        clearTimeout(timer);
        timer = setTimeout(propose, WAIT_MS);
      });
      input.addEventListener("focus", () => void propose(), { once: true });
      input.addEventListener("blur", add);
      input.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        add();
      });
      draw();
      return [chips, input, proposals];
    };

    const drawValues = (row) => {
      const field = row.querySelector("[data-field]").value;
      const op = row.querySelector("[data-op]").value;
      const area = row.querySelector("[data-value]");
      const box = row.querySelector("[data-values]");
      for (const element of [...box.children]) if (element !== area) element.remove();
      area.hidden = true;
      const known = field && describe(field);
      if (!known || settings.relative.includes(op)) {
        area.value = "";
        return;
      }
      if (known.kind === "flag") {
        box.append(...makeSelect(area, [["true", words.yes], ["false", words.no]]));
      } else if (known.kind === "choice") {
        box.append(...makeSelect(area, known.choices));
      } else if (known.kind === "number") {
        const labels = op === "between" ? [words.low, words.high] : [words.value];
        box.append(...makeNumbers(area, labels));
      } else {
        box.append(...makeChips(area, field));
      }
    };

    const drawOps = (row) => {
      const field = row.querySelector("[data-field]").value;
      const select = row.querySelector("[data-op]");
      const allowed = field ? describe(field).ops : [];
      const options = [...select.options];
      for (const option of options) {
        option.hidden = option.disabled = !allowed.includes(option.value);
      }
      if (!allowed.includes(select.value)) select.value = allowed[0] ?? "";
      select.hidden = allowed.length === 0;
    };

    const renumber = (group) => {
      [...group.querySelectorAll("[data-rows] > [data-row]")].forEach((row, number) => {
        row.setAttribute("aria-label", words.row.replace("%s", number + 1));
        for (const part of ["field", "op", "value"]) {
          row.querySelector(`[data-${part}]`).name =
            `${root.dataset.name}-${group.dataset.group}-${number}-${part}`;
        }
      });
      const full = root.querySelectorAll("[data-rows] > [data-row]").length >= +root.dataset.most;
      for (const button of root.querySelectorAll("[data-add]")) button.disabled = full;
    };

    const setUpRow = (row, group) => {
      const remove = row.querySelector("[data-remove]");
      remove.hidden = false;
      remove.addEventListener("click", () => {
        row.remove();
        renumber(group);
        group.querySelector("[data-add]").focus();
      });
      row.querySelector("[data-field]").addEventListener("change", () => {
        row.querySelector("[data-value]").value = "";
        drawOps(row);
        drawValues(row);
      });
      row.querySelector("[data-op]").addEventListener("change", () => drawValues(row));
      drawOps(row);
      drawValues(row);
    };

    for (const group of root.querySelectorAll("[data-group]")) {
      for (const row of group.querySelectorAll("[data-rows] > [data-row]")) setUpRow(row, group);
      const add = group.querySelector("[data-add]");
      add.hidden = false;
      add.addEventListener("click", () => {
        const row = group.querySelector("template").content.cloneNode(true).firstElementChild;
        group.querySelector("[data-rows]").append(row);
        renumber(group);
        setUpRow(row, group);
        row.querySelector("[data-field]").focus();
      });
      renumber(group);
    }
  };

  const start = () => document.querySelectorAll("[data-conditions]").forEach(setUp);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
