/* Tells the browser what became of passkeys, where it can be told (WebAuthn signal API). */
for (const place of document.querySelectorAll("[data-passkey-signal]")) {
  const tell = window.PublicKeyCredential?.[`signal${place.dataset.passkeySignal}`];
  tell?.call(PublicKeyCredential, JSON.parse(place.dataset.options)).catch(() => {});
}
