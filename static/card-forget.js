/* At the door, with nobody signed in: no member's card stays in this browser, also where it can't be told by a header. */
window.caches?.delete("member-card");
navigator.serviceWorker?.getRegistration("/account/card").then((found) => found?.unregister());
