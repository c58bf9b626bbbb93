/*
 * Select2 names its box by the text that was chosen, which is empty at first, and its search not at all.
 * Screen readers tell the name of the field before them.
 */
(() => {
  const findName = (select) =>
    select.getAttribute("aria-label") ?? select.labels[0]?.textContent.replace("*", "").trim() ?? "";

  const nameBox = (select) => {
    const name = findName(select);
    const box = select.nextElementSibling?.querySelector(".select2-selection");
    if (name === "" || !box || box.hasAttribute("aria-label")) return;
    // The name of the field, then what the box shows.
    box.setAttribute("aria-label", name);
    // The text is no input of its own.
    const shown = box.querySelector(".select2-selection__rendered");
    for (const attribute of ["role", "aria-readonly"]) shown?.removeAttribute(attribute);
    box.id ||= `${select.id}-box`;
    box.setAttribute("aria-labelledby", shown?.id ? `${box.id} ${shown.id}` : box.id);
    box.querySelector(".select2-search__field")?.setAttribute("aria-label", name);
  };
  const nameSearch = (dropdown) => {
    const id = dropdown.querySelector(".select2-results__options")?.id ?? "";
    const select = document.getElementById(id.replace(/^select2-/, "").replace(/-results$/, ""));
    const search = dropdown.querySelector(".select2-search__field");
    if (select !== null && search !== null) search.setAttribute("aria-label", findName(select));
  };
  const nameAll = () => {
    for (const select of document.querySelectorAll("select.select2-hidden-accessible")) nameBox(select);
    for (const dropdown of document.querySelectorAll(".select2-dropdown")) nameSearch(dropdown);
  };
  new MutationObserver(nameAll).observe(document.documentElement, { childList: true, subtree: true });
})();
