// Opens the API's description in Swagger UI. Signed-in people may try it out with their session.
const place = document.getElementById("docs");
const csrf = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
window.SwaggerUIBundle({
  url: place.dataset.url,
  domNode: place,
  deepLinking: true,
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (csrf) request.headers["X-CSRFToken"] = csrf.split("=")[1];
    return request;
  },
});
