"""The owner brings files in with a browser: in slices, with a break, with and without a script."""

import re
from pathlib import Path

import pytest
from factories import make_member
from looking import findings
from playwright.sync_api import Page, Route, expect

from portal.imports import jobs, uploads
from portal.imports.models import Batch, QuarantinedRow, Upload
from portal.orders.models import Order

pytestmark = pytest.mark.browser

HEADER = "Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name," \
    "Lineitem price,Lineitem sku,Notes\n"  # fmt: skip


def export(path: Path, orders: int, *, note: str = "") -> Path:
    """Orders of which the second has no readable total."""
    with path.open("w") as file:
        file.write(HEADER)
        for number in range(1001, 1001 + orders):
            total = "much" if number == 1002 else "12.50"
            file.write(f"#{number},p{number}@example.com,paid,EUR,{total},"
                       f"2026-11-18 09:58:12 +0100,1,Sencha,12.50,TEA-1,{note}\n")  # fmt: skip
    return path


def test_a_file_comes_in_slice_by_slice_and_is_put_right(visit, tmp_path) -> None:
    owner = make_member("Marit De Smet", role="owner", email="marit@example.com")
    page = visit(owner)
    path = export(tmp_path / "orders.csv", 900, note="n" * 3500)  # more than three slices
    page.goto("/staff/imports")

    # The connection breaks after the first slice, and the page is left.
    seen: list[str] = []

    def second_hangs(route: Route) -> None:
        seen.append(route.request.url)
        if len(seen) == 1:
            route.continue_()

    page.route("**/slices*", second_hangs)
    page.get_by_label("Files").set_input_files(path)
    while len(seen) < 2:
        page.wait_for_timeout(20)
    page.goto("/staff/imports")
    page.unroute_all(behavior="ignoreErrors")
    expect(page.get_by_text("Not all of it is here")).to_be_visible()
    broken = Upload.get()
    assert (broken.received, broken.state) == (uploads.SLICE, "receiving")

    # The same file again goes on where it stopped.
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "slices" in request.url else 0)
    page.get_by_label("Files").set_input_files(path)
    page.wait_for_url(re.compile("/staff/imports/uploads/"))
    assert Upload.select().count() == 1
    assert sent[0].endswith(f"at={uploads.SLICE}")
    expect(page.get_by_role("heading", name="Reading it through.")).to_be_visible()
    jobs.go_on.call_local()
    expect(page.get_by_role("heading", name="899 new orders and 899 new")).to_be_visible()
    expect(page.get_by_text("“Total” holds “much”")).to_be_visible()
    expect(page.get_by_text("€11,237.50")).to_be_visible()
    assert Order.select().count() == 0
    assert findings(page) == []

    page.get_by_role("button", name="Bring it in").click()
    expect(page.get_by_role("heading", name="It is coming in.")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert findings(page) == []
    page.reload()
    expect(page.get_by_role("heading", name="It is coming in.")).to_be_visible()
    jobs.go_on.call_local()
    expect(page.get_by_role("heading", name="899 new orders and 899 new")).to_be_visible()
    assert Order.select().count() == 899

    page.get_by_role("link", name="Put the rest right").click()
    page.wait_for_url(re.compile(r"/staff/imports/\d+$"))
    page.get_by_role("link", name="Put line 3 right").click()
    total = page.get_by_label("Total", exact=True)
    expect(total).to_have_value("much")
    assert findings(page) == []
    total.fill("more")
    page.get_by_role("button", name="Bring this in").click()
    expect(page.get_by_role("alert")).to_contain_text("“Total” holds “more”")
    expect(page.get_by_label("Total", exact=True)).to_have_value("more")
    page.get_by_label("Total", exact=True).fill("12.50")
    page.get_by_role("button", name="Bring this in").click()
    expect(page.get_by_text("It is in.", exact=True)).to_be_visible()
    assert Order.select().count() == 900
    assert QuarantinedRow.get().corrected_by_id == owner.id


def test_several_files_are_dropped_at_once(visit, tmp_path) -> None:
    page = visit(make_member("Marit De Smet", role="owner", email="marit@example.com"))
    strange = tmp_path / "kettles.csv"
    strange.write_text("Customer,Kettles\nAna,3\n")
    page.goto("/staff/imports")
    files = {
        "orders.csv": export(tmp_path / "orders.csv", 3).read_text(),
        "kettles.csv": strange.read_text(),
    }
    page.evaluate(
        """(files) => {
            const dataTransfer = new DataTransfer();
            for (const [name, text] of Object.entries(files))
                dataTransfer.items.add(new File([text], name));
            const drop = document.querySelector("file-drop");
            for (const kind of ["dragenter", "dragover", "drop"]) {
                const how = {dataTransfer, bubbles: true, cancelable: true};
                drop.dispatchEvent(new DragEvent(kind, how));
            }
        }""",
        files,
    )
    expect(page.get_by_text("Being read")).to_have_count(2)
    jobs.go_on.call_local()
    expect(page.get_by_text("Waits for your yes")).to_be_visible()
    expect(page.get_by_text("Can’t come in yet")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("link", name="kettles.csv").click()
    expect(page.get_by_role("link", name="Map its columns")).to_be_visible()
    assert findings(page) == []


def test_everything_works_without_a_script(no_script, site, tmp_path) -> None:
    owner = make_member("Marit De Smet", role="owner", email="marit@example.com")
    page: Page = no_script
    site.enter(page.context, owner)
    page.goto("/staff/imports")
    page.get_by_label("Files").set_input_files(export(tmp_path / "orders.csv", 3))
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Reading it through.")).to_be_visible()
    jobs.go_on.call_local()
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Bring it in").click()
    expect(page.get_by_role("heading", name="It is coming in.")).to_be_visible()
    jobs.go_on.call_local()
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("link", name="Put the rest right").click()
    page.get_by_role("link", name="Put line 3 right").click()
    page.get_by_label("Total", exact=True).fill("12.50")
    page.get_by_role("button", name="Bring this in").click()
    expect(page.get_by_text("The row is in.")).to_be_visible()
    expect(page.get_by_text("none is put aside")).to_be_visible()
    assert Order.select().count() == 3
    assert Batch.get().tally["quarantined"] == 0
