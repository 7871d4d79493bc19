// The time zone is guessed from the browser where nothing has been agreed on yet; the form works without.
const zones = document.querySelector("form[data-guess] select[name=time_zone]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (zones && !document.querySelector(".invalid") && [...zones.options].some((option) => option.value === zone)) {
  zones.value = zone;
}
