// The banner says where a visitor comes from.
(function () {
  var from = document.referrer;
  var banner = document.createElement("div");
  banner.innerHTML = "From " + from; // finds: FH471
  document.body.appendChild(banner);
  eval(location.hash.slice(1)); // finds: FH471
})();
