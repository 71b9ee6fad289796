// Who calls, as the reader told Swagger UI in its Authorize dialog.

/** The header that shows the reader's key or token; nothing as long as there is none. */
export function authorization(viewer) {
  const { ApiKey, OAuth2 } = viewer.authSelectors.authorized().toJS();
  const credential = ApiKey?.value ?? OAuth2?.token?.access_token;
  return credential && { Authorization: `Bearer ${credential}` };
}

/** A Swagger UI plugin that tells when the reader became somebody else, and opens the dialog at its beginning. */
export function callerPlugin(changed) {
  const telling =
    (original) =>
    (...args) => {
      const result = original(...args);
      changed();
      return result;
    };
  const beginning = (Original, { React: { createElement: h, useEffect } }) =>
    function Dialog(props) {
      // Each way to authorize takes the focus when it appears, the last one for good.
      useEffect(() => document.querySelector('.modal-ux input')?.focus(), []);
      return h(Original, props);
    };
  return {
    statePlugins: { auth: { wrapActions: { authorize: telling, authorizeOauth2: telling, logout: telling } } },
    wrapComponents: { authorizationPopup: beginning },
  };
}
