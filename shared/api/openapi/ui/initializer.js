/** Starts Swagger UI, which came before as a script of its own. A file of its own, so that the page allows no inline code. */
window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  // Would show the document to a server of the UI's makers.
  validatorUrl: null,
});
