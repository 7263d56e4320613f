// What a page does beyond links and forms; without it everything still works, one click later.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});
