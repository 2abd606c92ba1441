"""Settings of the installation: a wrong one is refused, with a sentence of what is right."""

from pathlib import Path

import pytest

from portal.config import WrongSetting, read_config

pytestmark = pytest.mark.command


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "SECRET_KEY", "BASE_URL", "MAIL_URL", "TRUSTED_PROXY", "PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"database_url": "mysql://x"}, "DATABASE_URL must start with sqlite:/// or postgresql://."),
        ({"mail_url": "mail.example.com"},
         "MAIL_URL must look like smtp://name:password@mail.example.com:587."),
        ({"bounces_url": "imaps://mail.example.com/INBOX"},
         "BOUNCES_URL must look like imaps://name:password@mail.example.com/INBOX: the mailbox "
         "that gets what mail servers send back."),
        ({"base_url": "https://shop.example/account"},
         "BASE_URL is “https://shop.example/account”; it must be the address that people type, "
         "such as https://account.example.com, without a path."),
        ({"base_url": "http://shop.example"},
         "BASE_URL is “http://shop.example”; passkeys need https everywhere but on "
         "http://localhost."),
        ({"trusted_proxy": "caddy"},
         "TRUSTED_PROXY is “caddy”; it must be the proxy's IP address, such as 127.0.0.1."),
        ({"trusted_proxy": "10.0.0.0/8"},
         "TRUSTED_PROXY is “10.0.0.0/8”; it must be the proxy's IP address, such as 127.0.0.1."),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_refused(tmp_path: Path, setting: dict[str, str], sentence: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        read_config(instance=str(tmp_path), **setting)
    assert str(refused.value) == sentence


def test_settings_come_from_the_file_when_the_environment_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.env").write_text(
        "# our shop\nBASE_URL = 'https://account.example.com/'\nMAIL_URL=smtp://mail.example.com\n"
    )
    monkeypatch.setenv("MAIL_URL", "smtp://other.example.com")
    config = read_config(instance=str(tmp_path))
    assert (config.base_url, config.rp_id, config.mail_url, config.https) == (
        "https://account.example.com", "account.example.com", "smtp://other.example.com", True,
    )  # fmt: skip


def test_a_line_that_is_no_setting_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.env").write_text("BASE_URL\n")
    with pytest.raises(WrongSetting) as refused:
        read_config(instance=str(tmp_path))
    assert str(refused.value) == f"{tmp_path}/config.env, line 1: write NAME=value."


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = read_config(instance=str(tmp_path)).secret_key
    assert read_config(instance=str(tmp_path)).secret_key == first
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    assert len(first) == 64


def test_the_demo_never_touches_the_real_shop(tmp_path: Path) -> None:
    (tmp_path / "config.env").write_text(
        "DATABASE_URL=postgresql://db/shop\nMAIL_URL=smtp://mail.example.com\n"
    )
    demo = read_config(instance=str(tmp_path), demo=True)
    assert demo.database_url == f"sqlite:///{tmp_path}/demo.sqlite3"
    assert demo.mail_url == ""
