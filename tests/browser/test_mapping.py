"""The owner maps columns with a mouse, with the keyboard, and without a script."""

import pytest
from factories import make_member
from looking import findings
from playwright.sync_api import expect

from portal.imports import jobs, uploads
from portal.imports.models import SavedMap, Upload
from portal.members.models import Member
from portal.orders.models import Order

pytestmark = pytest.mark.browser

CSV = "Order Number,Day,Email,Item Name,Qty,Unit price,Status\n" + "".join(
    f"{n},2025-03-{n % 28 + 1:02} 10:00,p{n}@example.com,Sencha {n},2,3.50,Completed\n"
    for n in range(1, 60)
)


def send(owner: Member) -> Upload:
    upload = uploads.start(owner, "kasse.csv", len(CSV))
    uploads.take(upload, 0, CSV.encode())
    Upload.update(state="refused").where(Upload.id == upload.id).execute()
    return upload


def test_a_column_is_chosen_with_the_keyboard_and_the_rows_show_it(visit) -> None:
    owner = make_member("Marit De Smet", role="owner")
    page = visit(owner)
    page.goto(f"/staff/imports/map/{send(owner).token}")
    expect(page.get_by_text("Not yet: A map of orders needs it.")).to_be_visible()
    page.get_by_label("Placed on (needed)", exact=True).focus()
    page.keyboard.type("Day")
    page.keyboard.press("Tab")
    expect(page.get_by_role("cell", name="2 × Sencha 1", exact=True)).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(21)
    assert findings(page) == []
    page.get_by_label("What a row tells of").select_option("customers")
    expect(page.get_by_role("columnheader", name="E-mail address")).to_be_visible()
    expect(page.get_by_label("Placed on (needed)", exact=True)).to_have_count(0)
    assert findings(page) == []


def test_a_column_is_dragged_onto_its_field(visit) -> None:
    owner = make_member("Marit De Smet", role="owner")
    page = visit(owner)
    page.goto(f"/staff/imports/map/{send(owner).token}")
    chip = page.locator("[data-column='col:Day']").bounding_box()
    field = page.get_by_label("Placed on (needed)", exact=True).bounding_box()
    page.mouse.move(chip["x"] + 15, chip["y"] + 10)
    page.mouse.down()
    page.mouse.move(chip["x"] + 30, chip["y"] + 15, steps=4)
    page.mouse.move(field["x"] + 40, field["y"] + 20, steps=12)
    page.mouse.up()
    expect(page.get_by_label("Placed on (needed)", exact=True)).to_have_value("col:Day")
    expect(page.get_by_role("cell", name="2 × Sencha 1", exact=True)).to_be_visible()
    page.get_by_role("button", name="Use this mapping").click()
    page.wait_for_url("**/staff/imports/uploads/*")
    jobs.go_on.call_local()
    assert Upload.get().state == "looked"


def test_without_a_script_every_step_is_a_form(no_script, site) -> None:
    owner = make_member("Marit De Smet", role="owner")
    site.enter(no_script.context, owner)
    upload = send(owner)
    no_script.goto(f"/staff/imports/map/{upload.token}")
    no_script.get_by_label("Placed on (needed)", exact=True).select_option("Day")
    no_script.get_by_role("button", name="Show preview").last.click()
    expect(no_script.get_by_role("cell", name="2 × Sencha 1", exact=True)).to_be_visible()
    no_script.get_by_role("button", name="Use this mapping").click()
    assert no_script.url.endswith(f"/staff/imports/uploads/{upload.token}")
    jobs.go_on.call_local()
    no_script.reload()
    no_script.get_by_role("button", name="Bring").first.click()
    jobs.go_on.call_local()
    assert Order.select().count() == 59
    assert SavedMap.get().name == "kasse.csv"
