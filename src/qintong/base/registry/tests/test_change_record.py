"""The change record of master records: bulk changes are in it, masked values are not."""

from django.test import Client

from qintong.base.registry.persons import Person
from qintong.base.registry.vehicles import Vehicle
from tests.province import Province, vehicle


def test_bulk_changes_are_in_the_change_record_with_who_and_what(province: Province) -> None:
    vehicle(province, 1)
    Vehicle.objects.update(gross_mass_kg=18000)
    client = Client()
    client.force_login(province.chief)

    page = client.get("/identity/changes/?entity=registry.vehicle").content.decode()

    assert "总质量" in page and "18000" in page and "更改" in page and "新增" in page


def test_masked_values_stay_masked_in_the_change_record(province: Province) -> None:
    person = Person.objects.create(
        name="演示从业人员", document_number="11010519491231002X", region=province.changan
    )
    Person.objects.filter(pk=person.pk).update(document_number="110105194912310010")
    client = Client()
    client.force_login(province.chief)

    page = client.get("/identity/changes/?entity=registry.person").content.decode()

    assert "证件号码" in page and "***" in page
    assert "1949" not in page
