// Shows the contract as it stands now, and says which revision that is.
/* global SwaggerUIBundle */
SwaggerUIBundle({
  url: '../openapi.json',
  dom_id: '#viewer',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  responseInterceptor: (response) => {
    const revision = response.headers['ihf-contract-revision'];
    if (revision) document.getElementById('revision').textContent = `contract revision ${revision}`;
    return response;
  },
});
