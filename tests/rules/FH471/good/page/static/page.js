fetch(window.location.href, { headers: { Accept: "application/json" } }).then((answer) => {
  document.title = answer.status;
});
history.replaceState({}, "", location.pathname);
