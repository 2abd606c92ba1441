"""What a member writes about themselves, and who sees it."""

import re
from io import BytesIO

import pytest
from factories import make_member
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import Base as Exif

from portal.members.models import Event, Member
from portal.members.models.search import find_members
from portal.profiles.forms import is_link
from portal.profiles.models import AUDIENCES, FIELDS, Picture, Profile
from portal.profiles.picture import BYTES, NotAPicture, encode_picture
from portal.profiles.showing import find, visible

SECRETS = {
    "name": "Alice Janssens",
    "bio": "Drinks sencha at dawn",
    "location": "Ghent",
    "links": "https://alice.example/tea",
}


def typed(**values):
    return {"name": "Alice Janssens", "username": "alice", **values}


def picture_bytes(size=(640, 400), kind="JPEG", exif=None, mode="RGB", **values):
    out = BytesIO()
    extra = {"exif": exif} if exif else {}
    Image.new(mode, size, 120).save(out, kind, **extra, **values)
    return out.getvalue()


def upload(client, content, name="me.jpg", **values):
    return client.post(
        "/account/profile/picture",
        data={"picture": (BytesIO(content), name)},
        content_type="multipart/form-data",
        **values,
    )


def full_profile(**visibility):
    alice = make_member("Alice Janssens")
    Profile.write(
        alice,
        name=SECRETS["name"],
        username="alice",
        bio=SECRETS["bio"],
        location=SECRETS["location"],
        links=[SECRETS["links"]],
    )
    Picture.keep(alice, *encode_picture(BytesIO(picture_bytes())))
    for field, audience in visibility.items():
        Profile.show_to(alice, field, audience)
    return Member.get_by_id(alice.id)


@pytest.mark.parametrize("htmx", [False, True])
def test_a_profile_is_written_and_read_again(app, sign_in, htmx):
    alice = make_member()
    client = sign_in(alice)
    answer = client.post(
        "/account/profile",
        data=typed(bio="Tea.\r\nMore tea.", location="Ghent", link1="alice.example/tea"),
        htmx=htmx,
    )
    assert answer.status_code == (200 if htmx else 303)
    profile = find("alice")
    assert (profile.bio, profile.location) == ("Tea.\nMore tea.", "Ghent")
    assert profile.links == ["https://alice.example/tea"]
    html = client.get("/account/profile").get_data(as_text=True)
    assert 'value="https://alice.example/tea"' in html
    assert "Tea.\nMore tea." in html


def test_the_username_is_the_member_number_until_it_is_chosen(app, sign_in):
    alice = make_member()
    client = sign_in(alice)
    assert f'value="{alice.number.lower()}"' in client.get("/account/profile").get_data(True)
    client.post("/account/profile", data=typed(username="Alice-J"))
    assert Member.get_by_id(alice.id).username == "alice-j"
    client.post("/account/profile", data=typed(username=""))
    assert Member.get_by_id(alice.id).username == alice.number.lower()


def test_the_member_number_is_shown_as_fixed_and_stays(app, sign_in):
    alice = make_member()
    client = sign_in(alice)
    client.post("/account/profile", data=typed(number="AAAA-AAAA-A", role="owner", id="1"))
    html = client.get("/account/profile").get_data(as_text=True)
    assert f"Member {alice.number}, yours for ever" in html
    assert Member.get_by_id(alice.id).role is None


@pytest.mark.parametrize(
    "name", ["ab", "a" * 31, "alice!", "-alice", "alice-", "ålice", "al ice", "admin", "STAFF"]
)
@pytest.mark.parametrize("htmx", [False, True])
def test_a_username_that_cannot_be_is_refused_and_kept_typed(app, sign_in, name, htmx):
    alice = make_member()
    answer = sign_in(alice).post(
        "/account/profile", data=typed(username=name, bio="Kept"), htmx=htmx
    )
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'value="{name.lower()}"' in html
    assert ">\r\nKept</textarea>" in html
    assert Member.get_by_id(alice.id).username == alice.number.lower()


def test_a_username_is_unique_whatever_its_case_and_nothing_is_half_saved(app, sign_in):
    alice, bob = make_member(), make_member("Bob Maes")
    sign_in(alice).post("/account/profile", data=typed())
    answer = sign_in(bob).post(
        "/account/profile", data=typed(name="Robert", username="ALICE", bio="Hello")
    )
    assert answer.status_code == 422
    assert "Somebody has that username." in answer.get_data(as_text=True)
    stored = find(bob.username)
    assert (stored.name, stored.bio) == ("Bob Maes", None)


def test_nobody_takes_the_number_of_another_member(app, sign_in):
    alice, bob = make_member(), make_member("Bob Maes")
    sign_in(alice).post("/account/profile", data=typed())
    answer = sign_in(bob).post("/account/profile", data=typed(username=alice.number))
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>1</script>",
        "//alice.example",
        "https://",
        "https://user:secret@alice.example",
        "ftp://alice.example",
        'https://alice.example/"onmouseover=',
        "https://alice.example:99999/",
        "http://[::1",
        "\u2028https://alice.example/\u2028x",
    ],
)
def test_a_link_that_is_no_web_page_is_refused(app, sign_in, link):
    alice = make_member()
    answer = sign_in(alice).post("/account/profile", data=typed(link1=link))
    assert answer.status_code == 422
    assert find(alice.username).links is None


@given(st.text(max_size=60))
def test_no_text_becomes_a_link_that_runs(text):
    if is_link(text):
        assert text.startswith(("http://", "https://")) or text[:5].lower() == "http:"


@pytest.mark.parametrize("data", [{"bio": "x" * 601}, {"bio": "a\x07b"}, {"location": "x" * 121},
                                  {"name": "x" * 121}, {"name": "a\x07b"}])  # fmt: skip
def test_what_is_too_long_or_invisible_is_refused(app, sign_in, data):
    alice = make_member()
    answer = sign_in(alice).post("/account/profile", data=typed(**data))
    assert answer.status_code == 422
    assert Member.get_by_id(alice.id).username == alice.number.lower()


def test_markup_in_a_profile_is_shown_as_text(app, sign_in, client):
    alice = make_member()
    evil = "\"'><svg/onload=alert(1)>"
    sign_in(alice).post(
        "/account/profile", data=typed(name=evil, bio=f"{evil}\n</p>", location=evil)
    )
    for field in FIELDS:
        Profile.show_to(alice, field, "everyone")
    for html in (
        client.get("/members/alice").get_data(as_text=True),
        sign_in(alice).get("/account/profile").get_data(as_text=True),
    ):
        assert "<svg/onload" not in html
        assert "&lt;svg/onload" in html


def test_agents_find_the_new_name_and_no_longer_the_old_one(app, sign_in):
    alice = make_member("Alice Janssens", "alice.peeters@example.com")
    sign_in(alice).post("/account/profile", data=typed(name="Alice Verhaegen"))
    assert find_members("verhaegen") == [alice.id]
    assert find_members("janssens") == []
    assert find_members("alice") == [alice.id]
    sign_in(alice).post("/account/profile", data=typed(name="Verhaegen"))
    assert find_members("peeters") == [alice.id]
    assert find_members("alice") == [alice.id]


def test_a_change_is_written_down_once(app, sign_in):
    alice = make_member()
    client = sign_in(alice)
    for _click in range(2):
        client.post("/account/profile", data=typed(bio="Tea"))
    kinds = [event.kind for event in Event.select().order_by(Event.id)]
    assert kinds == ["profile.username_changed", "profile.changed"]


# Who sees what


def test_nothing_is_open_until_it_is_opened(app, sign_in, client):
    full_profile()
    assert client.get("/members/alice").status_code == 404
    assert sign_in(make_member("Bob Maes")).get("/members/alice").status_code == 404
    assert sign_in(make_member("Ann", role="owner")).get("/members/alice").status_code == 404


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("field", FIELDS)
def test_a_field_is_seen_by_its_audience_and_nobody_else(app, sign_in, client, field, audience):
    alice = full_profile(**{field: audience})
    digest = Picture.get().digest
    viewers = {
        "everyone": client,
        "members": sign_in(make_member("Bob Maes")),
        "staff": sign_in(make_member("Ann", role="agent")),
        "me": sign_in(alice),
    }
    allowed = {
        "me": {"me"}, "members": {"me", "members", "staff"}, "everyone": set(viewers)
    }[audience]  # fmt: skip
    for viewer, browser in viewers.items():
        page = browser.get("/members/alice")
        assert page.status_code == (200 if viewer in allowed else 404)
        html = page.get_data(as_text=True)
        for name, secret in {**SECRETS, "picture": digest}.items():
            seen = viewer == "me" or (viewer in allowed and name == field)
            assert (secret in html) == seen, (viewer, name)
        image = browser.get(f"/members/alice/picture/{digest}.webp")
        open_to = viewer == "me" or (viewer in allowed and field == "picture")
        assert image.status_code == (200 if open_to else 404)


def test_an_empty_page_answers_like_one_that_never_was(app, client):
    full_profile()
    hidden, unknown = client.get("/members/alice"), client.get("/members/nobody")
    assert hidden.status_code == unknown.status_code == 404
    plain = [re.sub(r'content="[^"]+"', "", a.get_data(as_text=True)) for a in (hidden, unknown)]
    assert plain[0] == plain[1]


@pytest.mark.parametrize("name", ["%00", "%0a", "x" * 500, "alice%20", "%F0%9F%8D%B5"])
def test_an_address_that_cannot_be_is_not_found(app, client, name):
    full_profile(bio="everyone")
    assert client.get(f"/members/{name}").status_code == 404
    assert client.get(f"/members/{name}/picture/{name}.webp").status_code == 404


def test_a_member_sees_their_page_as_others_do(app, sign_in):
    alice = full_profile(bio="members", location="everyone")
    client = sign_in(alice)
    members = client.get("/members/alice?as=members").get_data(as_text=True)
    anybody = client.get("/members/alice?as=everyone").get_data(as_text=True)
    assert SECRETS["bio"] in members
    assert SECRETS["location"] in members
    assert SECRETS["links"] not in members
    assert SECRETS["bio"] not in anybody
    assert SECRETS["location"] in anybody


@pytest.mark.parametrize("asked", ["me", "members", "owner", ""])
def test_asking_to_see_it_as_somebody_else_never_shows_more(app, client, sign_in, asked):
    full_profile(bio="members")
    assert client.get(f"/members/alice?as={asked}").status_code == 404
    bob = sign_in(make_member("Bob Maes"))
    assert SECRETS["location"] not in bob.get(f"/members/alice?as={asked}").get_data(as_text=True)


def test_a_page_without_anything_open_says_so_to_its_owner(app, sign_in):
    html = sign_in(full_profile()).get("/members/alice?as=everyone").get_data(as_text=True)
    assert "Nothing to see." in html


@pytest.mark.parametrize("htmx", [False, True])
def test_who_sees_a_field_is_saved_at_once(app, sign_in, htmx):
    alice = full_profile()
    answer = sign_in(alice).post(
        "/account/profile/visibility", data={"field": "bio", "audience": "members"}, htmx=htmx
    )
    assert answer.status_code == (200 if htmx else 303)
    if htmx:
        assert 'id="audience-bio"' in answer.get_data(as_text=True)
    shown = visible(find("alice"), "members")
    assert (shown.bio, shown.name, shown.links) == (SECRETS["bio"], "", [])


@pytest.mark.parametrize(
    "data", [{}, {"field": "email", "audience": "everyone"}, {"field": "bio", "audience": "all"}]
)
def test_only_known_fields_and_audiences_are_taken(app, sign_in, data):
    alice = full_profile()
    answer = sign_in(alice).post("/account/profile/visibility", data=data)
    assert answer.status_code == 400
    assert Profile.get().visibility == {}


def test_a_closed_field_is_closed_at_once(app, client):
    alice = full_profile(bio="everyone", picture="everyone")
    url = f"/members/alice/picture/{Picture.get().digest}.webp"
    assert client.get(url).status_code == 200
    Profile.show_to(alice, "picture", "me")
    assert client.get(url).status_code == 404
    assert client.get(url, headers={"If-None-Match": "*"}).status_code == 404


# Pictures


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_is_kept_small_and_square(app, sign_in, kind, htmx):
    alice = make_member()
    client = sign_in(alice)
    assert upload(client, picture_bytes(kind=kind), htmx=htmx).status_code == (200 if htmx else 303)
    stored = Picture.get()
    image = Image.open(BytesIO(bytes(stored.webp)))
    assert (image.format, image.size) == ("WEBP", (256, 256))
    answer = client.get(f"/members/{alice.username}/picture/{stored.digest}.webp")
    assert answer.mimetype == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    again = client.get(
        f"/members/{alice.username}/picture/{stored.digest}.webp",
        headers={"If-None-Match": answer.headers["ETag"]},
    )
    assert again.status_code == 304


def test_where_a_picture_was_taken_is_gone(app):
    exif = Image.Exif()
    exif[Exif.Make.value] = "SECRETCAM"
    exif.get_ifd(0x8825)[1] = "N"
    webp, _digest = encode_picture(BytesIO(picture_bytes(exif=exif)))
    assert b"SECRETCAM" not in webp
    assert b"EXIF" not in webp
    assert dict(Image.open(BytesIO(webp)).getexif()) == {}


def test_a_picture_lying_on_its_side_is_turned_upright(app):
    side = Image.new("RGB", (400, 400), "red")
    side.paste("blue", (0, 0, 400, 200))
    exif = Image.Exif()
    exif[Exif.Orientation.value] = 6  # turn by 90 degrees clockwise to see it upright
    out = BytesIO()
    side.save(out, "JPEG", exif=exif)
    webp, _digest = encode_picture(BytesIO(out.getvalue()))
    upright = Image.open(BytesIO(webp)).convert("RGB")
    left, right = upright.getpixel((20, 128)), upright.getpixel((236, 128))
    assert left[0] > left[2]
    assert right[2] > right[0]


BAD = {
    "empty": b"",
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "cut": picture_bytes(kind="PNG", size=(300, 300))[:90],
    "huge": picture_bytes(kind="PNG", size=(12_000, 12_000), mode="1"),
    "heavy": b"\xff\xd8\xff" + b"x" * BYTES,
    "tiff": picture_bytes(kind="TIFF"),
}


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("what", BAD)
def test_a_bad_picture_is_refused_in_a_sentence(app, sign_in, what, htmx):
    answer = upload(sign_in(make_member()), BAD[what], htmx=htmx)
    assert answer.status_code == 422
    assert re.search(r'class="error" id="picture-error">[A-Z][^<]+\.<', answer.get_data(True))
    assert Picture.select().count() == 0


def test_a_form_without_a_file_is_refused_in_a_sentence(app, sign_in):
    answer = sign_in(make_member()).post("/account/profile/picture", data={"picture": "text"})
    assert answer.status_code == 422


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]),
    places=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 255)), max_size=8),
)
def test_a_damaged_file_is_a_picture_or_a_sentence(kind, places):
    content = bytearray(picture_bytes(size=(48, 48), kind=kind))
    for place, value in places:
        content[place % len(content)] = value
    try:
        webp, _digest = encode_picture(BytesIO(bytes(content)))
    except NotAPicture:
        return
    assert Image.open(BytesIO(webp)).size == (256, 256)


@pytest.mark.parametrize("htmx", [False, True])
def test_a_picture_is_removed(app, sign_in, htmx):
    alice = full_profile()
    client = sign_in(alice)
    for _click in range(2):
        answer = client.post("/account/profile/picture/remove", htmx=htmx)
        assert answer.status_code == (200 if htmx else 303)
    assert Picture.select().count() == 0
    assert Event.select().where(Event.kind == "profile.picture_removed").count() == 1


def test_pictures_have_a_limit_for_each_hour(app, sign_in):
    client = sign_in(make_member())
    for _try in range(20):
        upload(client, b"no picture")
    assert upload(client, picture_bytes()).status_code == 429


def test_a_profile_takes_two_statements(app, sign_in, statements):
    full_profile(bio="members")
    bob = sign_in(make_member("Bob Maes"))
    bob.get("/members/alice")
    with statements() as seen:
        assert bob.get("/members/alice").status_code == 200
    assert len(seen) == 2
