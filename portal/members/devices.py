"""What a browser is called when a person reads about it: `Safari on iPhone`."""

from functools import lru_cache

from ua_parser import parse

from portal.lib.text import _

BROWSERS = {
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Mobile WebView": "Chrome",
    "HeadlessChrome": "Chrome",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Edge Mobile": "Edge",
    "Samsung Internet": "Samsung Internet",
}
SYSTEMS = {"Mac OS X": "Mac", "Chrome OS": "Chromebook", "Ubuntu": "Linux", "Debian": "Linux"}


@lru_cache(maxsize=512)
def device_name(user_agent: str) -> str:
    """A browser and its device in a few words, at most 120 characters."""
    read = parse(user_agent[:500])
    browser = read.user_agent.family if read.user_agent else ""
    browser = BROWSERS.get(browser, browser)
    system = read.os.family if read.os else ""
    if read.device and read.device.family in ("iPhone", "iPad"):
        system = read.device.family
    system = SYSTEMS.get(system, system)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)[:120]
    return (browser or system or _("an unknown browser"))[:120]
