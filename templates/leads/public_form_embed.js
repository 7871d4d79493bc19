// Shows a form of Razbor in this page, or sends this page's own form there.
//   <div data-razbor-form="KEY"></div>       the form appears here; without such a place, where the script stands
//   <form data-razbor-form="KEY"> … </form>  the page's own form; its fields are named name, phone, email, company,
//                                            message and consent
(function (told) {
  "use strict";
  var script = document.currentScript;

  function about() {
    var marks = new URLSearchParams(window.location.search);
    var found = {};
    told.marks.forEach(function (name) {
      if (marks.get(name)) found[name] = marks.get(name);
    });
    found[told.names.page] = window.location.origin + window.location.pathname;
    found[told.names.referrer] = document.referrer;
    return found;
  }

  function adopt(form) {
    var values = about();
    values[told.names.stamp] = told.stamp;
    form.action = told.action;
    form.method = "post";
    Object.keys(values).forEach(function (name) {
      var input = form.querySelector('input[type="hidden"][name="' + name + '"]') || document.createElement("input");
      input.type = "hidden";
      input.name = name;
      input.value = values[name];
      if (!input.parentNode) form.appendChild(input);
    });
  }

  function show(put) {
    var frame = document.createElement("iframe");
    var address = new URL(told.action);
    var values = about();
    values[told.names.embed] = "1";
    Object.keys(values).forEach(function (name) {
      address.searchParams.set(name, values[name]);
    });
    frame.src = address.href;
    frame.title = told.title;
    frame.style.width = "100%";
    frame.style.height = "640px";
    frame.style.border = "0";
    put(frame);
    window.addEventListener("message", function (event) {
      var said = event.data;
      if (event.source !== frame.contentWindow || event.origin !== address.origin || !said || said.razborForm !== told.key) return;
      if (said.height > 0) frame.style.height = Math.min(said.height, 4000) + "px";
      if (said.sent && told.thanks) window.location.assign(told.thanks);
    });
  }

  function start() {
    var places = document.querySelectorAll('[data-razbor-form="' + told.key + '"]');
    places.forEach(function (place) {
      if (place.tagName === "FORM") adopt(place);
      else show(function (frame) { place.appendChild(frame); });
    });
    if (!places.length && script && script.parentNode) {
      show(function (frame) { script.parentNode.insertBefore(frame, script.nextSibling); });
    }
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})({{ told|safe }});
