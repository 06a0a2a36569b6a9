/**
 * Starts Swagger UI, which a previous script loaded. The address is relative to /docs, because a proxy may put a path in front.
 * A separate file, so that the page's policy can forbid inline code. */
const dark = matchMedia('(prefers-color-scheme: dark)');
const applyTheme = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', applyTheme);
applyTheme();
window.SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  // Otherwise the page would send the document to swagger.io.
  validatorUrl: null,
});
