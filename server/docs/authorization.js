// The credential that the reader entered in Swagger UI's Authorize dialog.

/** The Authorization header; undefined if the reader has not authorized. */
export function authorizationHeader(viewer) {
  const { ApiKey, OAuth2 } = viewer.authSelectors.authorized().toJS();
  const credential = ApiKey?.value ?? OAuth2?.token?.access_token;
  return credential && { Authorization: `Bearer ${credential}` };
}

/** A Swagger UI plugin that calls `onChange` when the credential changes, and focuses the first field of the dialog. */
export function authorizationPlugin(onChange) {
  const notifying =
    (original) =>
    (...args) => {
      const result = original(...args);
      onChange();
      return result;
    };
  const focusFirstField = (Original, { React: { createElement: h, useEffect } }) =>
    function Dialog(props) {
      // Each security scheme of the dialog focuses its own field when it appears, so that the last one would win.
      useEffect(() => document.querySelector('.modal-ux input')?.focus(), []);
      return h(Original, props);
    };
  return {
    statePlugins: { auth: { wrapActions: { authorize: notifying, authorizeOauth2: notifying, logout: notifying } } },
    wrapComponents: { authorizationPopup: focusFirstField },
  };
}
